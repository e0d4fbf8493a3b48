namespace CdfProvisioning.Server.Hosting;

/// <summary>
/// Knows when the last request has been served. Kestrel only waits for its connections: what works for one that was
/// aborted may still use the registry.
/// </summary>
internal sealed class RequestsInFlight
{
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The requests, and one for the server itself.</summary>
    private int _count = 1;

    public void Enter() => Interlocked.Increment(ref _count);

    public void Leave()
    {
        if (Interlocked.Decrement(ref _count) == 0)
            _end.SetResult();
    }

    /// <summary>Waits for the last one; called once, when no more can come.</summary>
    public Task EndAsync()
    {
        Leave();
        return _end.Task;
    }
}
