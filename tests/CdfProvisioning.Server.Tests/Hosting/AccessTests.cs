using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Xunit;

namespace CdfProvisioning.Tests.Hosting;

public sealed class AccessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public async Task An_address_that_others_reach_needs_an_API_key(string address)
    {
        var error = await Assert.ThrowsAsync<CdfException>(() => RunningServer.StartAsync(options => options with { Address = IPAddress.Parse(address) }));

        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.Contains("-ApiKey", error.Message);
        Assert.Contains("-AllowAnonymous", error.Message);
    }

    [Theory]
    [InlineData("ApiKey", " ")]
    [InlineData("CorsOrigins", "console.example")]
    [InlineData("CorsOrigins", "https://console.example/")]
    [InlineData("CorsOrigins", "https://console.example/page")]
    [InlineData("CorsOrigins", "https://*.example")]
    [InlineData("CorsOrigins", "null")]
    [InlineData("CorsOrigins", "")]
    [InlineData("CorsOrigins", "file:///page")]
    [InlineData("AwsCredentials", " ")]
    public async Task What_protects_nothing_is_refused_by_name(string option, string value)
    {
        var error = await Assert.ThrowsAsync<CdfException>(() => RunningServer.StartAsync(options => option switch
        {
            "ApiKey" => options with { ApiKey = value },
            "AwsCredentials" => options with { AwsPort = 0, AwsCredentials = new("AKIA", value) },
            _ => options with { CorsOrigins = ["https://good.example", value] },
        }));

        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.Contains(option switch { "ApiKey" => "-ApiKey", "AwsCredentials" => "-SecretKey", _ => "-CorsOrigin" }, error.Message);
    }

    [Theory]
    [InlineData("https://console.example")]
    [InlineData("http://localhost:8080")]
    [InlineData("http://[::1]:8080")]
    [InlineData("*")]
    public void An_origin_is_scheme_host_and_perhaps_port(string origin) => new Server.ServerOptions { CorsOrigins = [origin] }.Check();

    [Fact]
    public async Task Anyone_may_use_a_server_that_allows_it()
    {
        await using var server = await RunningServer.StartAsync(options => options with { Address = IPAddress.Any, AllowAnonymous = true });
        using var client = new HttpClient();

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync($"http://127.0.0.1:{server.Address.Port}/health", Cancellation)).StatusCode);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/openapi.json")]
    [InlineData("/things/x")]
    [InlineData("/nothing")]
    public async Task With_an_API_key_nothing_is_answered_without_it(string path)
    {
        await using var server = await RunningServer.StartAsync(options => options with { ApiKey = "top secret" });

        foreach (var key in new[] { null, "", "wrong", "top secret2", "TOP SECRET" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (key is not null)
                request.Headers.TryAddWithoutValidation("x-api-key", key);
            var response = await server.SendAsync(request);

            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Contains("x-api-key", await response.Content.ReadAsStringAsync(Cancellation));
        }

        using var allowed = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "x-api-key", "top secret" } } };
        Assert.NotEqual(HttpStatusCode.Unauthorized, (await server.SendAsync(allowed)).StatusCode);
    }

    [Theory]
    [InlineData("rest", HttpStatusCode.Unauthorized)]
    [InlineData("iot", HttpStatusCode.Forbidden)]
    [InlineData("ssm", HttpStatusCode.BadRequest)]
    [InlineData("s3", HttpStatusCode.Forbidden)]
    [InlineData("none", HttpStatusCode.Forbidden)]
    public async Task A_refused_client_that_has_held_its_body_back_is_told_to_connect_anew(string service, HttpStatusCode status)
    {
        await using var server = await RunningServer.StartAsync(options => options with { ApiKey = "top secret", AwsPort = 0, AwsCredentials = new("AKIA", "secret") });
        var address = service == "rest" ? server.Address : server.Server.Info.AwsAddress!;
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, "/things"))
        {
            Content = new StringContent("{}"),
            Headers = { ExpectContinue = true },
        };
        if (service != "rest")
        {
            request.Headers.TryAddWithoutValidation("x-amz-date", "20260101T000000Z");
            request.Headers.TryAddWithoutValidation("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
            request.Headers.TryAddWithoutValidation("Authorization", $"AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature={new string('0', 64)}");
        }

        using var client = new HttpClient();
        using var refused = await client.SendAsync(request, Cancellation);

        Assert.Equal((status, true), (refused.StatusCode, refused.Headers.ConnectionClose));
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:1", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.9.9.9", true)]
    [InlineData("[::1]:3004", true)]
    [InlineData("evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("evillocalhost", false)]
    [InlineData("evil.localhost", true)]
    [InlineData("localhost.", false)]
    [InlineData("10.0.0.1", false)]
    public async Task A_page_that_came_by_another_name_is_refused(string host, bool isOurs)
    {
        await using var server = await RunningServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { Host = host } };

        var response = await server.SendAsync(request);

        Assert.Equal(isOurs ? HttpStatusCode.OK : HttpStatusCode.BadRequest, response.StatusCode);
        if (!isOurs)
            Assert.Contains(host, await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory]
    [InlineData("GET /health HTTP/1.1\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /health HTTP/1.0\r\n\r\n")]
    public async Task A_request_without_a_host_is_refused(string request)
    {
        await using var server = await RunningServer.StartAsync();

        Assert.Contains(" 400 ", (await server.SendRawAsync(request)).Split('\r')[0]);
    }

    [Theory]
    [InlineData("xn--.localhost")]
    [InlineData("xn--a.localhost")]
    [InlineData("under_score")]
    [InlineData("a..b")]
    [InlineData("-a-")]
    [InlineData("[::1")]
    [InlineData(":::")]
    public async Task A_host_that_is_no_name_is_refused(string host)
    {
        using var certificate = Make.ServerCertificate("things.example");
        await using var plain = await RunningServer.StartAsync(options => options with { AwsPort = 0 });
        await using var encrypted = await RunningServer.StartAsync(options => options with { Certificate = certificate });

        foreach (var address in new[] { plain.Address, plain.Server.Info.AwsAddress!, encrypted.Address })
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address.Host, address.Port, Cancellation);
            await using Stream stream = address.Scheme == "https" ? new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true) : client.GetStream();
            if (stream is SslStream tls)
                await tls.AuthenticateAsClientAsync("things.example");
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), Cancellation);
            using var reader = new StreamReader(stream);
            Assert.StartsWith("HTTP/1.1 400 ", await reader.ReadToEndAsync(Cancellation), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Web_pages_of_other_origins_are_not_answered_unless_they_are_named()
    {
        await using var closed = await RunningServer.StartAsync();
        await using var open = await RunningServer.StartAsync(options => options with { CorsOrigins = ["https://console.example"], ApiKey = "key" });

        Assert.Null(await AllowedOriginAsync(closed, HttpMethod.Get, "https://console.example"));
        Assert.Null(await AllowedOriginAsync(closed, HttpMethod.Options, "https://console.example"));
        Assert.Null(await AllowedOriginAsync(open, HttpMethod.Options, "https://evil.example"));
        Assert.Equal("https://console.example", await AllowedOriginAsync(open, HttpMethod.Options, "https://console.example"));
        Assert.Equal("https://console.example", await AllowedOriginAsync(open, HttpMethod.Get, "https://console.example"));
    }

    [Theory]
    [InlineData(null, HttpStatusCode.NotFound)]
    [InlineData("https://console.example", HttpStatusCode.NotFound)]
    [InlineData("{own}", HttpStatusCode.NotFound)]
    [InlineData("https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("http://127.0.0.1", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    public async Task A_page_of_another_origin_cannot_post_what_a_browser_sends_without_asking(string? origin, HttpStatusCode status)
    {
        await using var server = await RunningServer.StartAsync(options => options with { CorsOrigins = ["https://console.example"] });
        foreach (var action in new[] { "stop", "resume" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/bulkthings/{Guid.NewGuid()}/{action}");
            if (origin is not null)
                request.Headers.TryAddWithoutValidation("Origin", origin.Replace("{own}", server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal));
            using var answer = await server.SendAsync(request);
            Assert.Equal(status, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("abc-123", true)]
    [InlineData("with space", false)]
    [InlineData("", false)]
    public async Task A_request_id_comes_back_if_it_is_one(string id, bool comesBack)
    {
        await using var server = await RunningServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/things/nobody");
        request.Headers.TryAddWithoutValidation("x-request-id", id);

        var answered = Assert.Single((await server.SendAsync(request)).Headers.GetValues("x-request-id"));

        Assert.Equal(comesBack, answered == id);
        Assert.NotEmpty(answered);
        Assert.True(server.Server.Journal.TryRead(out var served));
        Assert.Equal(answered, served.RequestId);
    }

    [Fact]
    public async Task With_a_certificate_the_server_speaks_TLS_by_the_certificates_name()
    {
        using var certificate = Make.ServerCertificate("things.example");
        await using var server = await RunningServer.StartAsync(options => options with { Certificate = certificate });
        using var client = server.CreateClient(handler => handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.Equals(certificate));

        Assert.Equal("https", server.Address.Scheme);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health", Cancellation)).StatusCode);
        using var byName = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { Host = "things.example" } };
        Assert.Equal(HttpStatusCode.OK, (await client.SendAsync(byName, Cancellation)).StatusCode);
    }

    [Fact]
    public async Task A_certificate_without_its_key_is_refused()
    {
        using var certificate = Make.ServerCertificate("things.example");
        using var alone = X509CertificateLoader.LoadCertificate(certificate.RawData);

        var error = await Assert.ThrowsAsync<CdfException>(() => RunningServer.StartAsync(options => options with { Certificate = alone }));

        Assert.Contains("private key", error.Message);
    }

    private static async Task<string?> AllowedOriginAsync(RunningServer server, HttpMethod method, string origin)
    {
        using var client = new HttpClient { BaseAddress = server.Address };
        using var request = new HttpRequestMessage(method, "/things/x") { Headers = { { "Origin", origin }, { "Access-Control-Request-Method", "DELETE" } } };
        var response = await client.SendAsync(request, Cancellation);
        return response.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed) ? allowed.Single() : null;
    }
}
