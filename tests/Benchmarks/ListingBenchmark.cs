using System.Diagnostics;
using System.Text.Json.Nodes;
using CdfProvisioning.Embedded;
using CdfProvisioning.Lists;
using CdfProvisioning.Server;

namespace CdfProvisioning.Benchmarks;

/// <summary>Listings of a million over HTTP, page by page and streamed: the last tenth is to come as fast as the second; the first warms up.</summary>
internal static class ListingBenchmark
{
    private const int PageSize = 250;

    /// <summary>Fewer where the machine has other things to do.</summary>
    private static readonly int Things = int.TryParse(Environment.GetEnvironmentVariable("CDF_BENCHMARK_DEVICES"), out var devices) ? devices : 1_000_000;

    public static async Task RunAsync()
    {
        Figure.Heading($"Listings of {Things:N0} things over HTTP");
        var folder = Directory.CreateTempSubdirectory("cdf-benchmark-").FullName;
        try
        {
            await using var connection = await EmbeddedBackend.OpenAsync(new EmbeddedBackendOptions(folder), CancellationToken.None);
            await connection.Templates.PutAsync("plain", ListBenchmark.PlainTemplate, CancellationToken.None);
            var task = await connection.BulkRegistrations.StartAsync(new BulkRegistrationRequest("plain"), ListBenchmark.Rows(Things), CancellationToken.None);
            await connection.BulkRegistrations.WaitAsync(task.TaskId, progress: null, CancellationToken.None);

            var server = await CdfServer.StartAsync(new ServerOptions { Port = 0, AwsPort = 0 }, connection, CancellationToken.None);
            using var client = new HttpClient();
            await MeasureAsync($"ListThings, pages of {PageSize}", ThingsAsync(client, server.Info.AwsAddress!));
            await MeasureAsync("GET /bulkthings/{task}/results", LinesAsync(client, new Uri(server.Info.Address, $"/bulkthings/{task.TaskId}/results")));
            await server.StopAsync(CancellationToken.None);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <param name="what">What is listed.</param>
    /// <param name="pieces">How many items came, each time that some came.</param>
    private static async Task MeasureAsync(string what, IAsyncEnumerable<int> pieces)
    {
        var tenth = Things / 10;
        var clock = Stopwatch.StartNew();
        var (count, first, second, last) = (0, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        await foreach (var piece in pieces)
        {
            count += piece;
            if (first == default && count >= tenth)
                first = clock.Elapsed;
            if (second == default && count >= 2 * tenth)
                second = clock.Elapsed;
            if (last == default && count >= Things - tenth)
                last = clock.Elapsed;
        }

        if (count != Things)
            throw new InvalidOperationException($"{count} came of {Things}.");
        Figure.Print($"{what}, the last tenth", tenth / (clock.Elapsed - last).TotalSeconds, "the second tenth", tenth / (second - first).TotalSeconds, "/s", "about 1: linear");
    }

    private static async IAsyncEnumerable<int> ThingsAsync(HttpClient client, Uri address)
    {
        string? token = null;
        do
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, $"/things?maxResults={PageSize}{(token is null ? "" : $"&nextToken={Uri.EscapeDataString(token)}")}"));
            request.Headers.TryAddWithoutValidation(
                "Authorization", $"AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/iot/aws4_request, SignedHeaders=host, Signature={new string('0', 64)}");
            request.Headers.TryAddWithoutValidation("X-Amz-Date", "20260101T000000Z");
            using var response = await client.SendAsync(request);
            response.EnsureSuccessStatusCode();
            var page = JsonNode.Parse(await response.Content.ReadAsByteArrayAsync())!;
            yield return page["things"]!.AsArray().Count;
            token = (string?)page["nextToken"];
        }
        while (token is not null);
    }

    private static async IAsyncEnumerable<int> LinesAsync(HttpClient client, Uri address)
    {
        await using var body = await client.GetStreamAsync(address);
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await body.ReadAsync(buffer)) > 0)
            yield return buffer.AsSpan(0, read).Count((byte)'\n');
    }
}
