using CdfProvisioning.Aws.Client;

namespace CdfProvisioning.Aws.Tests.Client;

/// <summary>How often an operation is called: never above the ceiling, and just under what AWS accepts.</summary>
public sealed class RequestRateTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rate_begins_empty_so_that_several_processes_do_not_begin_with_a_burst()
    {
        using var rate = new RequestRate(1);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        var first = rate.WaitAsync(stop.Token).AsTask();
        var second = rate.WaitAsync(stop.Token).AsTask();
        Assert.False(second.IsCompleted);

        await first;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }

    [Fact]
    public void A_throttled_call_never_takes_more_than_half_of_the_rate_and_a_little()
    {
        var clock = new Clock();
        using var rate = new RequestRate(100, clock);
        for (var before = rate.Current; before > 1.5; before = rate.Current)
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            rate.Throttled();
            Assert.InRange(rate.Current, before * 0.97 / 2 - 0.001, before * 0.97);
        }
    }

    [Fact]
    public void After_a_throttled_call_the_rate_is_what_AWS_has_accepted()
    {
        var clock = new Clock();
        using var rate = new RequestRate(100, clock);
        for (var i = 0; i < 800; i++)
            rate.Accepted();
        clock.Advance(TimeSpan.FromSeconds(10));

        rate.Throttled();

        Assert.InRange(rate.Current, 80 * 0.97 - 0.1, 80 * 0.97 + 0.1);
    }

    [Fact]
    public void Calls_that_were_under_way_when_the_rate_fell_say_nothing_of_the_new_rate()
    {
        var clock = new Clock();
        using var rate = new RequestRate(100, clock);
        clock.Advance(TimeSpan.FromSeconds(2));
        rate.Throttled();
        var fallen = rate.Current;
        clock.Advance(TimeSpan.FromMilliseconds(900));

        rate.Throttled();

        Assert.Equal(fallen, rate.Current);
    }

    [Fact]
    public void The_rate_creeps_up_again_and_never_above_the_ceiling()
    {
        var clock = new Clock();
        using var rate = new RequestRate(100, clock);
        clock.Advance(TimeSpan.FromSeconds(2));
        rate.Throttled();
        var last = rate.Current;
        for (var i = 0; i < 100_000; i++)
        {
            rate.Accepted();
            Assert.InRange(rate.Current, last, 100);
            last = rate.Current;
        }

        Assert.Equal(100, rate.Current);
    }

    private sealed class Clock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan time) => _now += time.Ticks;
    }
}
