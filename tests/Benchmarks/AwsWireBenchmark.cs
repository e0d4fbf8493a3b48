using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using CdfProvisioning.Embedded;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Server;

namespace CdfProvisioning.Benchmarks;

/// <summary>AWS IoT's operations over HTTP from pipelining clients, beside the same operations asked of the registry itself.</summary>
internal static class AwsWireBenchmark
{
    private const int Rounds = 3;

    /// <summary>Rounds that do not count: a server is compiled to the full only after some hundred thousand requests.</summary>
    private const int WarmUps = 2;

    private const int Clients = 64;
    private const int Pipelined = 16;

    private const string Template = """
        {
          "Parameters": { "Name": { "Type": "String" }, "Csr": { "Type": "String" } },
          "Resources": {
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "Name" } } },
            "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateSigningRequest": { "Ref": "Csr" } } }
          }
        }
        """;

    public static async Task RunAsync()
    {
        Figure.Heading($"AWS's wire protocol: {Clients} connections with {Pipelined} requests under way each, medians of {Rounds} rounds");
        var folder = Directory.CreateTempSubdirectory("cdf-benchmark-").FullName;
        try
        {
            await using var connection = await EmbeddedBackend.OpenAsync(new EmbeddedBackendOptions(folder), CancellationToken.None);
            var server = await CdfServer.StartAsync(new ServerOptions { Port = 0, AwsPort = 0 }, connection, CancellationToken.None);
            await connection.Registry.InvokeAsync(new CreateThingRequest("bare"), CancellationToken.None);
            await using var bare = await RestBenchmark.StartBareAsync(
                await connection.Registry.InvokeAsync(new DescribeThingRequest("bare"), CancellationToken.None), IotJson.Default.DescribeThingResponse);
            await RunAsync(connection.Registry, server.Info.AwsAddress!, new Uri(bare.Urls.First()));
            await server.StopAsync(CancellationToken.None);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RunAsync(IDeviceRegistry registry, Uri address, Uri bare)
    {
        var csr = Csr();
        Operation[] operations =
        [
            new("CreateThing", 800, address, name => ("POST", $"/things/{name}", ""), name => registry.InvokeAsync(new CreateThingRequest(name), CancellationToken.None).AsTask()),
            new("DescribeThing", 800, address, name => ("GET", $"/things/{name}", ""), name => registry.InvokeAsync(new DescribeThingRequest(name), CancellationToken.None).AsTask()),
            new("a bare Kestrel route with a thing's JSON", 800, bare, _ => ("GET", "/thing", ""), name => registry.InvokeAsync(new DescribeThingRequest(name), CancellationToken.None).AsTask()),
            new(
                "RegisterThing, with a certificate", 160, address,
                name => ("POST", "/things", JsonSerializer.Serialize(new { templateBody = Template, parameters = new { Name = $"{name}-r", Csr = csr } })),
                name => registry.InvokeAsync(new RegisterThingRequest(Template, new Dictionary<string, string> { ["Name"] = $"{name}-r", ["Csr"] = csr }), CancellationToken.None).AsTask()),
        ];
        var figures = operations.ToDictionary(o => o, _ => (Http: new List<double>(), InProcess: new List<double>()));
        for (var round = 0; round < WarmUps + Rounds; round++)
            foreach (var operation in operations)
            {
                figures[operation].Http.Add(await PerSecondAsync(operation.PerClient, client => PipelineAsync(operation, Names($"h{round}", client, operation.PerClient))));
                figures[operation].InProcess.Add(await PerSecondAsync(operation.PerClient, client => AskAsync(operation, Names($"p{round}", client, operation.PerClient))));
            }

        foreach (var (operation, (http, inProcess)) in figures)
            Figure.Print(operation.Name, Figure.Median(http[WarmUps..]), "the registry itself", Figure.Median(inProcess[WarmUps..]), "/s", "0.5");
    }

    private static IEnumerable<string> Names(string prefix, int client, int count) => Enumerable.Range(0, count).Select(i => $"{prefix}-{client}-{i}");

    private static async Task<double> PerSecondAsync(int perClient, Func<int, Task> run)
    {
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => run(client))));
        return Clients * perClient / clock.Elapsed.TotalSeconds;
    }

    private static async Task AskAsync(Operation operation, IEnumerable<string> names)
    {
        foreach (var name in names)
            await operation.AskAsync(name);
    }

    private static async Task PipelineAsync(Operation operation, IEnumerable<string> names)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(operation.Address.Host, operation.Address.Port);
        await using var stream = client.GetStream();
        var answers = new AnswerReader(stream);
        foreach (var batch in names.Chunk(Pipelined))
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(batch.Select(name => Request(operation.Address, operation.Request(name))))));
            foreach (var _ in batch)
                await answers.ReadAsync();
        }
    }

    private static string Request(Uri address, (string Method, string Path, string Body) request) =>
        $"{request.Method} {request.Path} HTTP/1.1\r\nHost: {address.Authority}\r\n"
        + $"Authorization: AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/iot/aws4_request, SignedHeaders=host, Signature={new string('0', 64)}\r\n"
        + $"X-Amz-Date: 20260101T000000Z\r\nContent-Length: {Encoding.UTF8.GetByteCount(request.Body)}\r\n\r\n{request.Body}";

    private static string Csr()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=sensor", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
    }

    private sealed record Operation(string Name, int PerClient, Uri Address, Func<string, (string Method, string Path, string Body)> Request, Func<string, Task> AskAsync);

    /// <summary>Reads answers, which all have a length, one after the other.</summary>
    private sealed class AnswerReader(Stream stream)
    {
        private readonly byte[] _buffer = new byte[64 * 1024];
        private int _start;
        private int _end;

        public async ValueTask ReadAsync()
        {
            int headers;
            while ((headers = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
                await FillAsync();
            var head = Encoding.ASCII.GetString(_buffer, _start, headers);
            if (!head.StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
                throw new InvalidOperationException($"The server refused a request: {head}");
            var at = head.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase) + "Content-Length: ".Length;
            var length = int.Parse(head.AsSpan(at, (head.IndexOf('\r', at) is var end and >= 0 ? end : head.Length) - at), CultureInfo.InvariantCulture);
            _start += headers + 4;
            while (_end - _start < length)
                await FillAsync();
            _start += length;
        }

        private async ValueTask FillAsync()
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
            (_start, _end) = (0, _end - _start);
            var read = await stream.ReadAsync(_buffer.AsMemory(_end));
            if (read == 0)
                throw new InvalidOperationException("The server closed the connection.");
            _end += read;
        }
    }
}
