using System.Collections.Concurrent;

namespace CdfProvisioning.PowerShell;

/// <summary>
/// Runs asynchronous work of a cmdlet on the pipeline's thread: what follows an <c>await</c> comes back to it, and so
/// does an <see cref="IProgress{T}"/> made by the work, so both may call WriteObject, ShouldProcess or WriteProgress.
/// </summary>
internal sealed class PipelinePump : SynchronizationContext, IDisposable
{
    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _queue = [];

    public static void Run(Func<Task> work)
    {
        var previous = Current;
        using var pump = new PipelinePump();
        SetSynchronizationContext(pump);
        try
        {
            var task = work();
            if (!task.IsCompleted)
            {
                task.ContinueWith(_ => pump._queue.CompleteAdding(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                foreach (var (callback, state) in pump._queue.GetConsumingEnumerable())
                {
                    callback(state);
                }
            }

            task.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(previous);
        }
    }

    /// <summary>Queues a continuation; a late report of progress, after the work has ended, is dropped.</summary>
    public override void Post(SendOrPostCallback d, object? state)
    {
        try
        {
            _queue.Add((d, state));
        }
        catch (InvalidOperationException)
        {
        }
    }

    public void Dispose() => _queue.Dispose();
}
