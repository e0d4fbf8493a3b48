using CdfProvisioning.Embedded;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Server.Aws;

/// <summary>
/// The registries of the regions. Besides the one that the server serves anyway, a few are open at a time: each is opened
/// when it is asked for, and closed when nobody has asked for a while, or another's turn has come.
/// </summary>
internal sealed class Regions : IAsyncDisposable
{
    /// <summary>How many are open besides the server's own. Each costs files and a thread.</summary>
    public const int MaxOpen = 4;

    private static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, OpenRegion> _others = [];
    private readonly Lock _lock = new();
    private readonly Connection _home;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private readonly bool _resumesTasks;

    /// <param name="home">The one that the server serves anyway; it stays open when the others are closed.</param>
    /// <param name="clock">The time.</param>
    /// <param name="resumesTasks">Whether interrupted tasks go on when their region is opened.</param>
    public Regions(Connection home, TimeProvider clock, bool resumesTasks = false)
    {
        _resumesTasks = resumesTasks;
        _home = home;
        _clock = clock;
        _timer = clock.CreateTimer(_ => CloseIdle(), state: null, IdleTime, IdleTime);
    }

    /// <summary>Uses a region's registry, which stays open meanwhile.</summary>
    /// <exception cref="CdfException">InvalidRequest: AWS has no such region. Throttled: too many are in use. Unavailable: it cannot be opened.</exception>
    public async Task<T> UseAsync<T>(string region, Func<Connection, Task<T>> use, CancellationToken cancellationToken)
    {
        if (region == _home.Info.Region)
            return await use(_home);
        AwsRegions.Check(region);
        var (open, closed) = Enter(region);
        try
        {
            if (closed is not null)
                await closed.CloseAsync();
            return await use(await open.Connection.WaitAsync(cancellationToken));
        }
        finally
        {
            Leave(region, open);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        foreach (var other in _others.Values)
            await other.CloseAsync();
    }

    private (OpenRegion Open, OpenRegion? Closed) Enter(string region)
    {
        lock (_lock)
        {
            OpenRegion? closed = null;
            if (!_others.TryGetValue(region, out var open))
            {
                if (_others.Count >= MaxOpen)
                    closed = TakeOldest();
                open = new(Task.Run(() => OpenAsync(region)));
                _others.Add(region, open);
            }

            open.Users++;
            return (open, closed);
        }
    }

    private void Leave(string region, OpenRegion open)
    {
        lock (_lock)
        {
            open.Users--;
            open.LastUsed = _clock.GetTimestamp();
            if (open.Connection.IsFaulted)
                _others.Remove(region); // The next who asks tries again.
        }
    }

    private async Task<Connection> OpenAsync(string region)
    {
        var connection = await EmbeddedBackend.OpenRegionAsync(_home, region, CancellationToken.None);
        if (_resumesTasks)
            await connection.BulkRegistrations.ResumeOfServersAsync(CancellationToken.None);
        return connection;
    }

    private OpenRegion TakeOldest()
    {
        var (region, oldest) = _others.Where(other => other.Value.IsIdle).OrderBy(other => other.Value.LastUsed).FirstOrDefault();
        if (oldest is null)
            throw IotErrorType.Throttling.Error($"{MaxOpen} regions besides {_home.Info.Region} are in use, and more cannot be at once. Try again later.");
        _others.Remove(region);
        return oldest;
    }

    private void CloseIdle()
    {
        List<OpenRegion> idle = [];
        lock (_lock)
            foreach (var (region, other) in _others.ToList())
                if (other.IsIdle && _clock.GetElapsedTime(other.LastUsed) >= IdleTime)
                {
                    _others.Remove(region);
                    idle.Add(other);
                }
        foreach (var other in idle)
            _ = other.CloseAsync();
    }

    private sealed class OpenRegion(Task<Connection> connection)
    {
        public Task<Connection> Connection => connection;

        public int Users { get; set; }

        public long LastUsed { get; set; }

        /// <summary>Nobody asks, and none of its tasks runs here, which closing would interrupt.</summary>
        public bool IsIdle => Users == 0 && connection.IsCompleted && (connection.IsFaulted || connection.Result.BulkRegistrations.IsIdle);

        public async Task CloseAsync()
        {
            if (!connection.IsFaulted)
                await (await connection).DisposeAsync();
        }
    }
}
