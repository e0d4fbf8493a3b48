using System.Diagnostics;
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
        using var rate = ThrottledAtEighty();

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

        clock.Advance(TimeSpan.FromMilliseconds(100));
        rate.Throttled();
        Assert.True(rate.Current < fallen);
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

    [Fact]
    public void The_way_back_to_where_a_call_was_throttled_takes_600_calls_and_from_there_on_the_rate_grows_twenty_times_as_fast()
    {
        using var rate = ThrottledAtEighty();

        Assert.InRange(CallsUntil(80), 598, 602);
        Assert.InRange(CallsUntil(84), 48, 52);

        int CallsUntil(double reached)
        {
            var calls = 0;
            for (; rate.Current < reached; calls++)
                rate.Accepted();
            return calls;
        }
    }

    [Fact]
    public async Task After_throttled_calls_the_next_come_as_slowly_as_AWS_wants_them()
    {
        var clock = new Clock();
        using var rate = new RequestRate(1000, clock);
        while (rate.Current > 20)
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            rate.Throttled();
        }

        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < 6; i++)
            await rate.WaitAsync(Cancellation);

        Assert.True(Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(5 / 20d));
    }

    [Fact]
    public async Task A_fast_rate_is_fast()
    {
        using var rate = new RequestRate(1000);

        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < 100; i++)
            await rate.WaitAsync(Cancellation);

        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task After_a_rest_only_the_calls_of_a_quarter_of_a_second_come_at_once()
    {
        using var rate = new RequestRate(200);
        await RestAsync();

        Assert.InRange(CallsAtOnce(rate), 50, 150);
    }

    [Fact]
    public async Task An_accepted_call_leaves_the_turns_that_a_rest_has_saved()
    {
        var clock = new Clock();
        using var rate = new RequestRate(200, clock);
        clock.Advance(TimeSpan.FromSeconds(2));
        rate.Throttled();
        await RestAsync();

        rate.Accepted();

        Assert.InRange(CallsAtOnce(rate), 20, 100);
    }

    [Fact]
    public async Task Who_waits_while_the_rate_falls_has_a_turn_at_the_new_rate()
    {
        var clock = new Clock();
        using var rate = new RequestRate(2, clock);
        var waits = rate.WaitAsync(Cancellation).AsTask();
        clock.Advance(TimeSpan.FromSeconds(2));
        rate.Throttled();

        await waits.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
    }

    [Fact]
    public async Task Who_waits_when_the_client_is_closed_is_told_so()
    {
        var rate = new RequestRate(1);
        var waits = rate.WaitAsync(Cancellation).AsTask();

        rate.Dispose();
        rate.Accepted();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waits.WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => rate.WaitAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
    }

    /// <summary>One that had a call throttled after ten seconds in which AWS accepted 80 calls a second.</summary>
    private static RequestRate ThrottledAtEighty()
    {
        var clock = new Clock();
        var rate = new RequestRate(100, clock);
        for (var i = 0; i < 800; i++)
            rate.Accepted();
        clock.Advance(TimeSpan.FromSeconds(10));
        rate.Throttled();
        return rate;
    }

    /// <summary>As long as a second's calls take; the rate under test makes none meanwhile.</summary>
    private static async Task RestAsync()
    {
        using var other = new RequestRate(4);
        for (var i = 0; i < 4; i++)
            await other.WaitAsync(Cancellation);
    }

    /// <summary>How many calls may be made before one has to wait.</summary>
    private static int CallsAtOnce(RequestRate rate)
    {
        using var stop = new CancellationTokenSource();
        var calls = 0;
        while (rate.WaitAsync(stop.Token).AsTask().IsCompletedSuccessfully)
            calls++;
        stop.Cancel();
        return calls;
    }

    private sealed class Clock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan time) => _now += time.Ticks;
    }
}
