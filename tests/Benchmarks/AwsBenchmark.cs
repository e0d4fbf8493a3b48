using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Amazon.Runtime;
using CdfProvisioning.Aws;
using CdfProvisioning.Aws.Client;
using CdfProvisioning.Aws.Iot;
using CdfProvisioning.Aws.Tests;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Benchmarks;

/// <summary>Our AWS IoT client against a server on loopback that throttles as AWS does: how well lists use a quota, and what a call costs.</summary>
internal static class AwsBenchmark
{
    private const string AccessKey = "AKIDEXAMPLE";
    private const string SecretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private const string Region = "eu-west-1";
    private const string Answer = """{"thingName":"sensor-1","thingArn":"arn:aws:iot:eu-west-1:123456789012:thing/sensor-1","version":1,"attributes":{"site":"ulm"}}""";
    private const int Calls = 2_000;
    private const int Rounds = 5;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(20);

    public static async Task RunAsync()
    {
        Figure.Heading($"AWS IoT's quota used by a list, once settled; calls accepted in a second (aim 0.95), and calls throttled of 100 (aim 1)");
        foreach (var quota in (int[])[10, 100, 1_000])
        {
            await MeasureQuotaAsync(quota, ceiling: quota, "as -RequestsPerSecond");
            await MeasureQuotaAsync(quota, ceiling: 2 * quota, "half of -RequestsPerSecond");
        }

        Figure.Heading($"Calls of AWS IoT one after the other, medians of {Rounds} rounds");
        await MeasureOverheadAsync();
    }

    private static async Task MeasureQuotaAsync(int quota, int ceiling, string what)
    {
        var account = new Quota(quota);
        await using var server = await ScriptedServer.StartAsync(_ => account.TryTake() ? Reply.Ok(Answer) : Reply.Throttled);
        using var rates = new RequestRates(ceiling);
        await using var registry = new AwsDeviceRegistry(Settings(server.Url), rates, retries: 10);
        using var end = new CancellationTokenSource();
        var callers = Enumerable.Range(0, Math.Max(8, ceiling)).Select(_ => CallAsync(registry, end.Token)).ToArray();

        await Task.Delay(Settling);
        var (accepted, throttled) = account.Counts;
        var clock = Stopwatch.StartNew();
        await Task.Delay(Measured);
        var seconds = clock.Elapsed.TotalSeconds;
        var (acceptedThen, throttledThen) = account.Counts;
        await end.CancelAsync();
        await Task.WhenAll(callers);

        var calls = acceptedThen + throttledThen - accepted - throttled;
        Figure.Print($"{quota}/s, {what}", (acceptedThen - accepted) / seconds, "the quota", quota, "/s", "0.95");
        Console.WriteLine($"  {"",-42} {100.0 * (throttledThen - throttled) / calls,10:0.00} % throttled; aim at most 1");
    }

    private static async Task CallAsync(AwsDeviceRegistry registry, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await registry.InvokeAsync(new DescribeThingRequest("sensor-1"), cancellationToken);
            }
            catch (Exception e) when (e is OperationCanceledException or CdfException { Code: CdfErrorCode.Throttled })
            {
                // The quota's own counts tell.
            }
        }
    }

    private static async Task MeasureOverheadAsync()
    {
        await using var server = await ScriptedServer.StartAsync(Reply.Ok(Answer));
        await using var registry = new AwsDeviceRegistry(Settings(server.Url));
        using var bare = new HttpClient();
        List<double> ours = [], bares = [];
        for (var round = 0; round <= Rounds; round++)
        {
            var our = await RateAsync(async () => _ = await registry.InvokeAsync(new DescribeThingRequest("sensor-1"), CancellationToken.None));
            var their = await RateAsync(() => DescribeAsync(bare, server.Url));
            if (round == 0) // warms up
                continue;
            ours.Add(our);
            bares.Add(their);
        }

        Figure.Print("DescribeThing", Figure.Median(ours), "a bare HttpClient with SigV4", Figure.Median(bares), "/s", "0.8");
        Console.WriteLine($"  {"",-42} {1e6 / Figure.Median(ours) - 1e6 / Figure.Median(bares),10:N0} microseconds more a call");
    }

    private static async Task<double> RateAsync(Func<Task> call)
    {
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < Calls; i++)
            await call();
        return Calls / clock.Elapsed.TotalSeconds;
    }

    /// <summary>What has to be done at the least: sign, send, read.</summary>
    private static async Task DescribeAsync(HttpClient http, Uri url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url, "/things/sensor-1"));
        var time = DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{time[..8]}/{Region}/iot/aws4_request";
        var canonical = $"GET\n/things/sensor-1\n\nhost:{url.Authority}\nx-amz-date:{time}\n\nhost;x-amz-date\n{Hex(SHA256.HashData([]))}";
        var toSign = $"AWS4-HMAC-SHA256\n{time}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + SecretKey);
        foreach (var part in scope.Split('/'))
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        var signature = Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
        request.Headers.Add("x-amz-date", time);
        request.Headers.TryAddWithoutValidation(
            "Authorization", $"AWS4-HMAC-SHA256 Credential={AccessKey}/{scope}, SignedHeaders=host;x-amz-date, Signature={signature}");
        using var response = await http.SendAsync(request);
        JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(), IotOperations.Of(typeof(DescribeThingRequest)).Response);
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private static AwsSettings Settings(Uri url) => new(Region, new BasicAWSCredentials(AccessKey, SecretKey), url);

    /// <summary>So many calls in a second, saved up for one second at the most.</summary>
    private sealed class Quota(int perSecond)
    {
        private readonly Lock _lock = new();
        private double _tokens = perSecond;
        private long _last = Stopwatch.GetTimestamp();
        private (long Accepted, long Throttled) _counts;

        public (long Accepted, long Throttled) Counts
        {
            get
            {
                lock (_lock)
                    return _counts;
            }
        }

        public bool TryTake()
        {
            lock (_lock)
            {
                var now = Stopwatch.GetTimestamp();
                _tokens = Math.Min(perSecond, _tokens + (Stopwatch.GetElapsedTime(_last, now).TotalSeconds * perSecond));
                _last = now;
                var isAccepted = _tokens >= 1;
                if (isAccepted)
                    _tokens--;
                _counts = isAccepted ? (_counts.Accepted + 1, _counts.Throttled) : (_counts.Accepted, _counts.Throttled + 1);
                return isAccepted;
            }
        }
    }
}
