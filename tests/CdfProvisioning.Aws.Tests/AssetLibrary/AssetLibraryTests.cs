using System.Net;
using CdfProvisioning.Aws.AssetLibrary;
using CdfProvisioning.Hierarchies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CdfProvisioning.Aws.Tests.AssetLibrary;

public sealed class AssetLibraryTests
{
    private const string Results = """
        { "results": [
          { "policyId": "p1", "type": "provisioningtemplate", "appliesTo": [ "/europe" ], "document": "{\"template\": \"sensor\"}" },
          { "policyId": "p2", "type": "provisioningtemplate", "appliesTo": [ "/europe/ulm" ], "document": "{\"template\": \"sensor-ulm\"}" } ] }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_place_is_asked_for_as_the_API_has_it_with_the_headers_of_the_connection()
    {
        string? target = null, accept = null, key = null;
        await using var server = await StartAsync(context =>
        {
            target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
            accept = context.Request.Headers.Accept;
            key = context.Request.Headers["x-api-key"];
            return context.Response.WriteAsync(Results);
        });
        using var client = Client(server, "/assets/");

        var found = await client.AtAsync(["/europe/ulm", "/sensors & more"], Cancellation);

        Assert.Equal([new("sensor", ["/europe"]), new TemplateAssignment("sensor-ulm", ["/europe/ulm"])], found);
        Assert.Equal("/assets/policies/inherited?type=ProvisioningTemplate&groupPath=%2Feurope%2Fulm&groupPath=%2Fsensors%20%26%20more", target);
        Assert.Equal(("application/vnd.aws-cdf-v1.0+json", "secret"), (accept, key));
    }

    [Fact]
    public async Task A_device_is_asked_for_by_its_id()
    {
        string? query = null;
        await using var server = await StartAsync(context =>
        {
            query = context.Request.QueryString.Value;
            return context.Response.WriteAsync(Results);
        });
        using var client = Client(server);

        Assert.Equal(2, (await client.OfThingAsync("a:1", Cancellation)).Count);
        Assert.Equal("?type=ProvisioningTemplate&deviceId=a%3A1", query);
    }

    [Theory]
    [InlineData(404, "{}")]
    [InlineData(200, """{ "results": [] }""")]
    public async Task Where_the_library_knows_nothing_nothing_applies(int status, string body)
    {
        await using var server = await StartAsync(status, body);
        using var client = Client(server);

        Assert.Empty(await client.AtAsync(["/europe"], Cancellation));
    }

    [Theory]
    [InlineData(400, "{}", CdfErrorCode.InvalidRequest)]
    [InlineData(403, "{}", CdfErrorCode.AccessDenied)]
    [InlineData(429, "{}", CdfErrorCode.Throttled)]
    [InlineData(500, "{}", CdfErrorCode.Unavailable)]
    [InlineData(302, "{}", CdfErrorCode.Unavailable)]
    [InlineData(200, "<html>", CdfErrorCode.Unavailable)]
    [InlineData(200, "null", CdfErrorCode.Unavailable)]
    [InlineData(200, "{}", CdfErrorCode.Unavailable)]
    [InlineData(200, """{ "results": [ { "policyId": "p", "document": "no JSON" } ] }""", CdfErrorCode.Unavailable)]
    [InlineData(200, """{ "results": [ { "policyId": "p", "document": "{}" } ] }""", CdfErrorCode.Unavailable)]
    public async Task An_answer_that_is_none_is_told_with_the_address(int status, string body, CdfErrorCode code)
    {
        await using var server = await StartAsync(status, body);
        using var client = Client(server);

        var error = await Assert.ThrowsAsync<CdfException>(async () => await client.AtAsync(["/europe"], Cancellation));

        Assert.Equal(code, error.Code);
        Assert.Contains("/policies/inherited", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_library_that_does_not_answer_in_time_is_unavailable()
    {
        await using var server = await StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var client = Client(server, timeout: TimeSpan.FromMilliseconds(200));

        var error = await Assert.ThrowsAsync<CdfException>(async () => await client.AtAsync(["/europe"], Cancellation));

        Assert.Equal(CdfErrorCode.Unavailable, error.Code);
        Assert.Contains("0.2 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_library_that_is_not_there_is_unavailable()
    {
        var server = await StartAsync(200, Results);
        using var client = Client(server);
        await server.DisposeAsync();

        Assert.Equal(CdfErrorCode.Unavailable, (await Assert.ThrowsAsync<CdfException>(async () => await client.AtAsync(["/europe"], Cancellation))).Code);
    }

    [Theory]
    [InlineData("ftp://library", "x-api-key")]
    [InlineData("/library", "x-api-key")]
    [InlineData("https://library", "not a header")]
    public void A_URL_or_header_that_cannot_be_is_refused(string url, string header) => Assert.Throws<CdfException>(
        () => new AssetLibraryClient(new(new Uri(url, UriKind.RelativeOrAbsolute), new Dictionary<string, string> { [header] = "v" }, TimeSpan.FromSeconds(1))));

    private static AssetLibraryClient Client(WebApplication server, string path = "", TimeSpan? timeout = null) => new(new(
        new Uri(server.Urls.Single() + path), new Dictionary<string, string> { ["x-api-key"] = "secret" }, timeout ?? TimeSpan.FromSeconds(30)));

    private static Task<WebApplication> StartAsync(int status, string body) => StartAsync(context =>
    {
        context.Response.StatusCode = status;
        context.Response.Headers.Location = "/elsewhere";
        return context.Response.WriteAsync(body);
    });

    private static async Task<WebApplication> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var server = builder.Build();
        server.Run(answer);
        await server.StartAsync(Cancellation);
        return server;
    }
}
