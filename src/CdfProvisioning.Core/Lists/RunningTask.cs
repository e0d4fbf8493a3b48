namespace CdfProvisioning.Lists;

/// <summary>A task that this process runs in the background.</summary>
#pragma warning disable CA1001 // A source without a timer holds nothing, and may be cancelled whenever the run ends.
internal sealed class RunningTask
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _interrupt = new();
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the run is over; never fails.</summary>
    public Task End => _end.Task;

    public void Start(Func<CancellationToken, Task> run) =>
        Task.Run(() => run(_interrupt.Token)).ContinueWith(_ => _end.SetResult(), TaskScheduler.Default);

    public async Task InterruptAsync()
    {
        await _interrupt.CancelAsync();
        await End;
    }
}
