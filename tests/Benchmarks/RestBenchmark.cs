using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Server;
using CdfProvisioning.Server.Rest;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CdfProvisioning.Benchmarks;

/// <summary>The REST API over loopback: reading things, provisioning them one by one, and taking a long list.</summary>
internal static class RestBenchmark
{
    private const int Things = 100_000;
    private const int ThingsRead = 1_000;
    private const int Reads = 60_000;
    private const int Provisions = 10_000;
    private const int ListLength = 100_000;
    private const int Rounds = 3;

    /// <summary>Rounds that do not count: a server is compiled to the full only after some hundred thousand requests.</summary>
    private const int WarmUps = 3;

    public static async Task RunAsync()
    {
        Figure.Heading($"The REST API, medians of {Rounds} rounds");
        var folder = Directory.CreateTempSubdirectory("cdf-benchmark-").FullName;
        try
        {
            await RatesAsync(folder);
            await MemoryAsync(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RatesAsync(string folder)
    {
        await using var connection = await EmbeddedBackend.OpenAsync(new EmbeddedBackendOptions(Path.Combine(folder, "registry")), CancellationToken.None);
        var ca = await PrepareAsync(connection, Path.Combine(folder, "keys"));
        var server = await CdfServer.StartAsync(new ServerOptions { Port = 0 }, connection, CancellationToken.None);
        await using var bare = await StartBareAsync(await connection.Things.GetAsync("read-1", CancellationToken.None), RestJson.Default.Thing);
        var bareAddress = new Uri(bare.Urls.First());

        List<double> reads = [], bareReads = [], provisions = [], lists = [];
        for (var round = 0; round < WarmUps + Rounds; round++)
        {
            bareReads.Add(await HttpLoad.RunAsync(bareAddress, Reads, _ => HttpLoad.Get("/thing"), 200));
            reads.Add(await HttpLoad.RunAsync(server.Info.Address, Reads, i => HttpLoad.Get($"/things/read-{(i % ThingsRead) + 1}"), 200));
            lists.Add(await ListBenchmark.WithKeysInMemoryAsync(Path.Combine(folder, $"list-{round}")));
            provisions.Add(await HttpLoad.RunAsync(
                server.Info.Address, Provisions, i => HttpLoad.Post("/things", Request(ca, $$"""{"ThingName":"round-{{round}}-{{i}}","SerialNumber":"{{i}}"}""")), 201));
        }

        await server.StopAsync(CancellationToken.None);
        foreach (var figures in (List<double>[])[reads, bareReads, provisions, lists])
            figures.RemoveRange(0, WarmUps);
        Figure.Print($"GET /things/{{name}}, {Things:N0} things", Figure.Median(reads), "a bare Kestrel route with the same JSON", Figure.Median(bareReads), "/s", "0.6");
        Figure.Print("POST /things with key and certificate", Figure.Median(provisions), "a list, key files in memory", Figure.Median(lists), "/s", "0.75");
    }

    /// <summary>A registry of many things, some of which have a certificate and a policy.</summary>
    private static async Task<string> PrepareAsync(Connection connection, string keys)
    {
        await connection.Templates.PutAsync("plain", ListBenchmark.PlainTemplate, CancellationToken.None);
        await connection.Templates.PutAsync("sensor", ListBenchmark.CertificateTemplate, CancellationToken.None);
        await connection.Registry.InvokeAsync(new CreatePolicyRequest("sensors", ListBenchmark.PolicyDocument), CancellationToken.None);
        var ca = await connection.CertificateAuthorities.CreateAsync(new SubjectFields("Benchmark CA"), TimeSpan.FromDays(1000), CancellationToken.None);
        var parameters = new CdfProvisioningParameters { CaId = ca.CaId, CertInfo = new CertInfo { CommonName = "sensor" } };
        await RegisterAsync(connection, new BulkRegistrationRequest("plain"), "plain", Things - ThingsRead);
        await RegisterAsync(connection, new BulkRegistrationRequest("sensor", keys, parameters), "read", ThingsRead);
        return ca.CaId;
    }

    private static async Task RegisterAsync(Connection connection, BulkRegistrationRequest request, string prefix, int count)
    {
        var rows = Enumerable.Range(1, count).Select(IReadOnlyDictionary<string, string> (i) =>
            new Dictionary<string, string> { ["ThingName"] = $"{prefix}-{i}", ["SerialNumber"] = $"{i}" });
        var task = await connection.BulkRegistrations.StartAsync(request, rows.ToAsyncEnumerable(), CancellationToken.None);
        task = await connection.BulkRegistrations.WaitAsync(task.TaskId, progress: null, CancellationToken.None);
        if (task.SuccessCount != count)
            throw new InvalidOperationException($"Only {task.SuccessCount} devices were registered: {task.Message}");
    }

    private static string Request(string caId, string parameters) =>
        $$"""{"provisioningTemplateId":"sensor","parameters":{{parameters}},"cdfProvisioningParameters":{"caId":"{{caId}}","certInfo":{"commonName":"sensor"} } }""";

    /// <summary>Kestrel with one route, <c>/thing</c>, that writes a thing and does nothing else.</summary>
    internal static async Task<WebApplication> StartBareAsync<T>(T thing, JsonTypeInfo<T> type)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        var bare = builder.Build();
        bare.MapGet("/thing", (RequestDelegate)(context => context.AnswerAsync(StatusCodes.Status200OK, thing, type)));
        await bare.StartAsync();
        return bare;
    }

    /// <summary>The memory of a process that serves, while it is sent a list and registers it.</summary>
    private static async Task MemoryAsync(string folder)
    {
        using var server = Start(folder);
        var address = new Uri((await server.StandardOutput.ReadLineAsync())!);
        using var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(10) };
        await RegisterListAsync(client, 1_000, "warm", () => { });
        server.Refresh();
        var idle = server.WorkingSet64;

        var peak = idle;
        var sent = await RegisterListAsync(client, ListLength, "device", () =>
        {
            server.Refresh();
            peak = Math.Max(peak, server.WorkingSet64);
        });
        server.StandardInput.Close();
        await server.WaitForExitAsync();
        Figure.Print($"memory for a list of {ListLength:N0}, {sent / 1_000_000:N0} MB long", peak / 1e6, "the same server when idle", idle / 1e6, "MB", $"{(idle / 1e6) + 150:N0} MB");
    }

    private static Process Start(string folder) => Pwsh.Start(
        $$"""
        Import-Module '{{Pwsh.Manifest}}'
        Set-CdfTemplate plain -Body $env:BENCHMARK_TEMPLATE
        $server = Start-CdfServer -Port 0 -MaxRequestBodySize 1000000000
        $server.Address.AbsoluteUri
        $null = [Console]::In.ReadToEnd()
        """,
        ("CDF_HOME", Path.Combine(folder, "memory")),
        ("BENCHMARK_TEMPLATE", ListBenchmark.PlainTemplate));

    /// <summary>Sends a list, and looks on until all of its devices are registered.</summary>
    /// <returns>The length of the body in bytes.</returns>
    private static async Task<long> RegisterListAsync(HttpClient client, int count, string prefix, Action look)
    {
        using var body = new ListContent(count, prefix);
        var answering = client.PostAsync("/bulkthings", body);
        while (await Task.WhenAny(answering, Task.Delay(20)) != answering)
            look();
        var answer = await answering;
        answer.EnsureSuccessStatusCode();
        JsonNode task;
        do
        {
            look();
            await Task.Delay(20);
            task = JsonNode.Parse(await client.GetStringAsync(answer.Headers.Location))!;
        }
        while ((string)task["status"]! == "InProgress");
        return (int)task["successCount"]! == count ? body.Sent : throw new InvalidOperationException($"The list ended so: {task}");
    }

    /// <summary>A list of devices without certificates that is made while it is sent.</summary>
    private sealed class ListContent : HttpContent
    {
        private readonly int _count;
        private readonly string _prefix;

        public ListContent(int count, string prefix)
        {
            (_count, _prefix) = (count, prefix);
            Headers.ContentType = new MediaTypeHeaderValue(MediaTypes.Cdf);
        }

        public long Sent { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await using var writer = new StreamWriter(stream, bufferSize: 64 * 1024, leaveOpen: true);
            await WriteAsync("""{"provisioningTemplateId":"plain","parameters":[""");
            for (var i = 1; i <= _count; i++)
                await WriteAsync($$"""{{(i == 1 ? "" : ",")}}{"ThingName":"{{_prefix}}-{{i}}","SerialNumber":"SN-{{i}}"}""");
            await WriteAsync("]}");

            Task WriteAsync(string text)
            {
                Sent += text.Length;
                return writer.WriteAsync(text);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
