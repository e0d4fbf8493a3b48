using System.Net;
using System.Text.Json.Nodes;
using CdfProvisioning.Server.Hosting;
using Xunit;

namespace CdfProvisioning.Tests.Rest;

/// <summary>What who looks after a server sees of it: meters and a log.</summary>
public sealed class OperationsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_count_requests_registrations_and_failures_in_Prometheus_text()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ProvisionAsync("t-1");
        await server.MessageAsync(HttpStatusCode.NotFound, HttpMethod.Post, "/things", server.Request("none", "{}"));
        var response = await server.GetAsync("/metrics");

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Assert.Matches(@"^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+=""[^""]*""(,[a-z]+=""[^""]*"")*\})? [0-9.E+-]+)$", line);
        Assert.Matches(@"cdf_registrations_total\{from=""single"",outcome=""registered""\} [1-9]", text);
        Assert.Matches(@"cdf_registrations_total\{from=""single"",outcome=""failed""\} [1-9]", text);
        Assert.Matches(@"cdf_requests_total\{route=""POST /things"",status=""201""\} [1-9]", text);
        Assert.Matches(@"cdf_request_duration_seconds_bucket\{route=""POST /things"",le=""\+Inf""\} [1-9]", text);
        Assert.Matches(@"cdf_lists_running \d", text);
        Assert.Matches(@"cdf_rows_waiting \d", text);
        Assert.Contains("# TYPE cdf_requests_total counter", text);
        Assert.Contains("# TYPE cdf_request_duration_seconds histogram", text);
    }

    [Fact]
    public async Task The_log_has_one_line_a_request_and_no_secret()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "requests.log");
        await using (var server = await RunningServer.StartAsync(options => options with { LogPath = path, ApiKey = "top-secret", AwsPort = 0 }))
        {
            using var http = new HttpClient();
            http.DefaultRequestHeaders.Add("x-api-key", "top-secret");
            await http.GetAsync(new Uri(server.Address, "/things/t-1?token=hidden"), Cancellation);
            await http.GetAsync(new Uri(server.Server.Info.AwsAddress!, "/templates?X-Amz-Signature=hidden"), Cancellation);
        }

        var text = await File.ReadAllTextAsync(path, Cancellation);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(2, lines.Count);
        Assert.Equal(("GET", "/things/t-1", "GET /things/{thingName}", 404), ((string?)lines[0]["method"], (string?)lines[0]["path"], (string?)lines[0]["route"], (int)lines[0]["status"]!));
        Assert.All(lines, line => Assert.True(line["requestId"] is not null && line["client"] is not null && (double)line["milliseconds"]! >= 0));
        Assert.DoesNotContain("hidden", text);
        Assert.DoesNotContain("top-secret", text);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public async Task A_long_log_is_renamed_and_only_the_latest_are_kept()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "requests.log");
        var log = RequestLog.Open(path, maxLength: 200);
        for (var i = 0; i < 20; i++)
            log.Add(new("GET", $"/{i}", "GET /", 200, TimeSpan.Zero, "id", "::1", null));
        await log.DisposeAsync();

        var files = Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(["requests.log", .. Enumerable.Range(1, 5).Select(n => $"requests.log.{n}")], files);
        Assert.Contains("\"/19\"", await File.ReadAllTextAsync(path, Cancellation));
    }

    [Fact]
    public async Task A_log_whose_folder_goes_away_goes_on_when_it_is_back_and_lets_the_server_end()
    {
        using var folder = new TemporaryFolder();
        var (logs, away) = (Path.Combine(folder.Path, "logs"), Path.Combine(folder.Path, "away"));
        Directory.CreateDirectory(logs);
        var log = RequestLog.Open(Path.Combine(logs, "requests.log"), maxLength: 200);
        await AddAsync(5);
        Directory.Move(logs, away);
        await AddAsync(5);
        Directory.CreateDirectory(logs);
        await AddAsync(1);
        await log.DisposeAsync();

        Assert.Contains("\"linesLostBefore\":", await File.ReadAllTextAsync(Path.Combine(logs, "requests.log"), Cancellation));

        async Task AddAsync(int count)
        {
            for (var i = 0; i < count; i++)
                log.Add(new("GET", "/", "GET /", 200, TimeSpan.Zero, "id", "::1", null));
            while (log.Waiting > 0)
                await Task.Yield();
        }
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_is_told_when_the_server_starts()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "none", "requests.log");
        var error = await Assert.ThrowsAsync<CdfException>(() => RunningServer.StartAsync(options => options with { LogPath = path }));
        Assert.Contains(path, error.Message);

        var link = Path.Combine(folder.Path, "link");
        File.CreateSymbolicLink(link, Path.Combine(folder.Path, "other"));
        Assert.Contains("link", Assert.Throws<CdfException>(() => RequestLog.Open(link)).Message);
    }
}
