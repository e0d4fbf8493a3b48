using System.Net;
using CdfProvisioning.Iot;
using CdfProvisioning.Server.Aws;
using Xunit;

namespace CdfProvisioning.Tests.Aws;

/// <summary>Which region is asked is up to the client, what that costs is not.</summary>
public sealed class RegionsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_region_that_AWS_does_not_have_is_refused_and_leaves_no_file()
    {
        await using var host = await AwsHost.StartAsync();
        foreach (var region in new[] { "mars-north-1", "xx-yy-1", "us-east-99", "ap-southwest-10", "a" })
        {
            using var response = await ListThingsAsync(host, region);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
            Assert.False(Directory.Exists(Path.Combine(host.Folder, region)));
        }
    }

    [Fact]
    public async Task A_few_regions_are_open_at_a_time_and_all_are_answered()
    {
        await using var host = await AwsHost.StartAsync();
        await using var regions = new Regions(host.Connection, TimeProvider.System);
        var opened = new Dictionary<string, Connection>();
        foreach (var region in AwsRegions.All.Take(10))
            opened[region] = await regions.UseAsync(region, Task.FromResult, Cancellation);

        var open = 0;
        foreach (var (region, connection) in opened)
            open += await IsOpenAsync(connection) ? 1 : 0;
        Assert.Equal(Regions.MaxOpen + 1, open);
        Assert.True(await IsOpenAsync(host.Connection));
    }

    [Fact]
    public async Task A_region_in_use_is_not_closed_for_another_which_has_to_wait()
    {
        await using var host = await AwsHost.StartAsync();
        await using var regions = new Regions(host.Connection, TimeProvider.System);
        var end = new TaskCompletionSource<int>();
        var others = AwsRegions.All.Except([host.Connection.Info.Region]).Take(Regions.MaxOpen + 1).ToList();
        var used = others.Take(Regions.MaxOpen).Select(region => regions.UseAsync(region, _ => end.Task, Cancellation)).ToList();

        var error = await Assert.ThrowsAsync<CdfException>(() => regions.UseAsync(others[^1], Task.FromResult, Cancellation));
        Assert.Equal(CdfErrorCode.Throttled, error.Code);
        end.SetResult(0);
        await Task.WhenAll(used);
        Assert.True(await regions.UseAsync(others[^1], IsOpenAsync, Cancellation));
    }

    [Fact]
    public async Task A_region_that_nobody_asks_for_is_closed_and_opened_again_for_the_next_who_does()
    {
        await using var host = await AwsHost.StartAsync();
        var clock = new ManualClock();
        await using var regions = new Regions(host.Connection, clock);
        var connection = await regions.UseAsync("eu-west-1", Task.FromResult, Cancellation);
        clock.Advance(TimeSpan.FromMinutes(4));
        Assert.Same(connection, await regions.UseAsync("eu-west-1", Task.FromResult, Cancellation));

        clock.Advance(TimeSpan.FromMinutes(10));
        while (await IsOpenAsync(connection))
            await Task.Yield();
        Assert.NotSame(connection, await regions.UseAsync("eu-west-1", Task.FromResult, Cancellation));
    }

    private static async Task<bool> IsOpenAsync(Connection connection)
    {
        try
        {
            await connection.Registry.InvokeAsync(new ListThingsRequest(), Cancellation);
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private static async Task<HttpResponseMessage> ListThingsAsync(AwsHost host, string region)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Endpoint, "/things"));
        request.Headers.TryAddWithoutValidation(
            "Authorization", $"AWS4-HMAC-SHA256 Credential=any/20260101/{region}/iot/aws4_request, SignedHeaders=host, Signature={new string('0', 64)}");
        request.Headers.TryAddWithoutValidation("x-amz-date", "20260101T000000Z");
        return await http.SendAsync(request, Cancellation);
    }

    /// <summary>Goes on when it is told to, and then rings.</summary>
    private sealed class ManualClock : TimeProvider
    {
        private readonly List<(TimerCallback Callback, object? State)> _timers = [];
        private long _now = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan time)
        {
            _now += time.Ticks;
            foreach (var (callback, state) in _timers)
                callback(state);
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _timers.Add((callback, state));
            return new Timer();
        }

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => default;
        }
    }
}
