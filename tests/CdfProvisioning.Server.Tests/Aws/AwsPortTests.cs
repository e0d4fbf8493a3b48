using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Aws;

/// <summary>AWS's protocol beside the REST API, and the sessions of the README.</summary>
public sealed class AwsPortTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_APIs_serve_the_same_things_and_the_journal_names_the_operations()
    {
        await using var running = await RunningServer.StartAsync(options => options with { AwsPort = 0, ApiKey = null });
        var aws = running.Server.Info.AwsAddress!;
        Assert.NotEqual(running.Address, aws);
        await running.ProvisionAsync("t-1");

        using var http = new HttpClient();
        using var request = Signed(new(aws, "/things/t-1"), "iot");
        using var response = await http.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains(running.Server.Info.Requests, r => r is { Route: "iot:DescribeThing", Status: 200, Count: 1 });
    }

    [Fact]
    public async Task A_host_that_is_not_this_one_is_refused_and_a_buckets_is()
    {
        await using var running = await RunningServer.StartAsync(options => options with { AwsPort = 0 });
        using var http = new HttpClient();
        foreach (var (host, service, status) in new[] { ("evil.example", "iot", HttpStatusCode.BadRequest), ("templates.localhost", "s3", HttpStatusCode.OK) })
        {
            using var request = Signed(running.Server.Info.AwsAddress!, service);
            request.Headers.Host = host;
            using var response = await http.SendAsync(request, Cancellation);
            Assert.Equal(status, response.StatusCode);
        }
    }

    [Fact]
    public async Task Over_TLS_the_links_to_reports_are_https_and_lead_to_them()
    {
        using var certificate = Make.ServerCertificate("things.example");
        await using var running = await RunningServer.StartAsync(options => options with { AwsPort = 0, Certificate = certificate });
        var list = Path.Combine(running.Connection.Info.Path!, "buckets", "lists", "list.json");
        Directory.CreateDirectory(Path.GetDirectoryName(list)!);
        await File.WriteAllTextAsync(list, """{"ThingName":"t-1"}""", Cancellation);
        var task = (await running.Connection.Registry.InvokeAsync(
            new StartThingRegistrationTaskRequest(Templates.All["plain"], "lists", "list.json", "arn:aws:iam::123456789012:role/r"), Cancellation)).TaskId!;
        await running.Connection.BulkRegistrations.WaitAsync(task, progress: null, Cancellation);

        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.Equals(certificate) } };
        using var http = new HttpClient(handler);
        using var request = Signed(new(running.Server.Info.AwsAddress!, $"/thing-registration-tasks/{task}/reports?reportType=RESULTS"), "iot");
        using var response = await http.SendAsync(request, Cancellation);
        var link = (string)JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!["resourceLinks"]![0]!;

        Assert.StartsWith("https://", link);
        Assert.Contains(":thing/t-1", await http.GetStringAsync(new Uri(link), Cancellation));
    }

    [Fact]
    public async Task Who_expects_to_be_told_to_go_on_is_told_so_even_if_nothing_follows()
    {
        await using var running = await RunningServer.StartAsync(options => options with { AwsPort = 0 });
        var aws = running.Server.Info.AwsAddress!;
        using var client = new TcpClient();
        await client.ConnectAsync(aws.Host, aws.Port, Cancellation);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream);
        for (var i = 0; i < 2; i++)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"PUT /templates/empty{i} HTTP/1.1\r\nHost: {aws.Authority}\r\nExpect: 100-continue\r\nContent-Length: 0\r\nx-amz-date: 20260101T000000Z\r\n" +
                $"Authorization: AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature={new string('0', 64)}\r\n" +
                "x-amz-content-sha256: UNSIGNED-PAYLOAD\r\n\r\n"), Cancellation);
            Assert.Equal("HTTP/1.1 100 Continue", await reader.ReadLineAsync(Cancellation));
            Assert.Equal("", await reader.ReadLineAsync(Cancellation));
            Assert.Equal("HTTP/1.1 200 OK", await reader.ReadLineAsync(Cancellation));
            while (await reader.ReadLineAsync(Cancellation) is { Length: > 0 })
            {
            }
        }
    }

    private static HttpRequestMessage Signed(Uri uri, string service)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.TryAddWithoutValidation(
            "Authorization", $"AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature={new string('0', 64)}");
        request.Headers.TryAddWithoutValidation("x-amz-date", "20260101T000000Z");
        return request;
    }
}
