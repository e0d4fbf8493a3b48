using System.Net;
using Xunit;

namespace CdfProvisioning.Tests.Rest;

/// <summary>The API as a page, in a browser.</summary>
public sealed class ApiPageTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("secret")]
    public async Task A_browser_shows_every_operation_and_can_be_given_the_API_key(string? apiKey)
    {
        await using var server = await RunningServer.StartAsync(options => options with { ApiKey = apiKey });

        var document = await Chromium.OpenAsync(server.Address);

        Assert.Contains("Connected Device Framework: Provisioning", document);
        foreach (var (_, path) in OpenApi.Operations)
            Assert.Contains($"data-path=\"{path}\"", document);
        Assert.Contains("btn authorize", document);
    }

    [Fact]
    public async Task The_page_loads_nothing_from_elsewhere_and_cannot_be_framed()
    {
        await using var server = await RunningServer.StartAsync();
        using var http = new HttpClient { BaseAddress = server.Address };

        using var page = await http.GetAsync("/docs/index.html", Cancellation);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy);
        Assert.Contains("script-src 'self';", policy);
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.DoesNotContain("http:", policy);
        Assert.DoesNotContain("//", (await page.Content.ReadAsStringAsync(Cancellation)).Replace("/* ", "", StringComparison.Ordinal).Split("<body")[0].Replace("://", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_path_of_it_that_ends_in_a_line_break_is_no_file()
    {
        await using var server = await RunningServer.StartAsync();

        Assert.StartsWith("HTTP/1.1 404 ", await server.SendRawAsync("GET /docs/%0A HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_API_key_there_is_the_page_and_nothing_else()
    {
        await using var server = await RunningServer.StartAsync(options => options with { ApiKey = "secret" });
        using var http = new HttpClient { BaseAddress = server.Address };

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/docs/openapi.json", Cancellation)).StatusCode);
        foreach (var path in new[] { "/openapi.json", "/metrics", "/health", "/docsx", "/docs/../health", "/docs/%2e%2e/health" })
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(new Uri(server.Address + path.TrimStart('/'), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }), Cancellation)).StatusCode);
    }
}
