using System.Net;
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

    private static HttpRequestMessage Signed(Uri uri, string service)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.TryAddWithoutValidation(
            "Authorization", $"AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature={new string('0', 64)}");
        request.Headers.TryAddWithoutValidation("x-amz-date", "20260101T000000Z");
        return request;
    }
}
