using System.Threading.RateLimiting;

namespace CdfProvisioning.Aws.Client;

/// <summary>
/// How often one operation may be called: at the ceiling, or, where AWS's quota is lower, just under what AWS was seen to
/// accept. After a throttled call the rate falls to that and then creeps up again, so slowly that in the end fewer than one
/// call in a hundred is throttled. The rate is our own because the SDK's adaptive retry mode keeps one for all operations of a
/// client, while AWS IoT's quotas are one for each operation.
/// </summary>
internal sealed class RequestRate : IDisposable
{
    /// <summary>The part of the accepted rate at which it goes on after a throttled call.</summary>
    private const double Retreat = 0.97;

    /// <summary>By what part the rate grows with each accepted call: up to where it was throttled last, and beyond.</summary>
    private const double GrowthBelowWall = 0.00005, GrowthAboveWall = 0.001;

    /// <summary>A bucket is replaced when the rate has moved by this part.</summary>
    private const double Step = 0.005;

    private const double LowestRate = 0.5;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    /// <summary>Calls that were under way when the rate fell say nothing of the new rate.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    private readonly double _ceiling;
    private readonly Lock _lock = new();
    private readonly Timer _timer;
    private TokenBucketRateLimiter _bucket;
    private double _rate;
    private double _bucketRate;
    private double _wall;
    private long _accepted;
    private readonly TimeProvider _clock;
    private long _since;
    private volatile bool _disposed;

    /// <param name="ceiling">Requests per second that are never exceeded.</param>
    /// <param name="clock">The time by which what AWS accepts is measured.</param>
    public RequestRate(int ceiling, TimeProvider? clock = null)
    {
        _clock = clock ?? TimeProvider.System;
        _since = _clock.GetTimestamp();
        _ceiling = _rate = _wall = ceiling;
        _bucket = NewBucket();
        _timer = new Timer(_ => _bucket.TryReplenish(), null, Tick, Tick);
    }

    /// <summary>Requests per second.</summary>
    public double Current => _rate;

    /// <summary>Completes when the next call may be made.</summary>
    /// <exception cref="ObjectDisposedException">The client is closed.</exception>
    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var lease = await _bucket.AcquireAsync(1, cancellationToken);
                if (lease.IsAcquired)
                    return;
            }
            catch (ObjectDisposedException) when (!_disposed)
            {
                // The rate has changed: the turn is to be had from the new bucket.
            }
        }
    }

    /// <summary>AWS accepted a call.</summary>
    public void Accepted()
    {
        lock (_lock)
        {
            _accepted++;
            Set(_rate + (_wall * (_rate < _wall ? GrowthBelowWall : GrowthAboveWall)));
        }
    }

    /// <summary>AWS refused a call as one too many.</summary>
    public void Throttled()
    {
        lock (_lock)
        {
            var elapsed = _clock.GetElapsedTime(_since);
            if (elapsed < Settling)
                return;
            _wall = Math.Min(_rate, Math.Max(_accepted / elapsed.TotalSeconds, _rate / 2));
            Set(_wall * Retreat);
            (_accepted, _since) = (0, _clock.GetTimestamp());
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _timer.Dispose();
            _bucket.Dispose();
        }
    }

    private void Set(double rate)
    {
        _rate = Math.Clamp(rate, LowestRate, Math.Max(LowestRate, _ceiling));
        if (_disposed || Math.Abs(_rate - _bucketRate) < _bucketRate * Step)
            return;
        var old = _bucket;
        _bucket = NewBucket();
        old.Dispose(); // sends those who wait to the new one
    }

    /// <summary>A bucket that begins empty and holds what a quarter of a second brings, since timers may be late.</summary>
    private TokenBucketRateLimiter NewBucket()
    {
        _bucketRate = _rate;
        var size = Math.Max(2, (int)(_rate / 4));
        var bucket = new TokenBucketRateLimiter(new()
        {
            AutoReplenishment = false,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1 / _rate),
            TokensPerPeriod = 1,
            TokenLimit = size,
            QueueLimit = int.MaxValue,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
        bucket.AttemptAcquire(size).Dispose();
        return bucket;
    }
}
