using System.Runtime.ExceptionServices;

namespace CdfProvisioning.PowerShell;

/// <summary>
/// Runs the asynchronous work of a cmdlet on the pipeline's thread: what follows an <c>await</c> comes back to it, and so
/// do the reports of a <see cref="Progress{T}"/> that the work makes, so both may call WriteObject, ShouldProcess, ...
/// </summary>
internal sealed class PipelinePump : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _queue = [];
    private bool _isWorkDone;
    private bool _isClosed;

    /// <summary>Returns when the work is done, and throws what it throws.</summary>
    /// <param name="work">Begun on this thread.</param>
    /// <param name="cancel">Cancels the work, if a report of its progress cannot be shown (the pipeline is being stopped).</param>
    public static void Run(Func<Task> work, Action cancel)
    {
        var previous = Current;
        var pump = new PipelinePump();
        SetSynchronizationContext(pump);
        try
        {
            var task = work();
            task.GetAwaiter().UnsafeOnCompleted(pump.WorkDone);
            pump.RunQueue(cancel);
            task.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(previous);
        }
    }

    /// <summary>Queues a continuation. What outlives the command (a list being registered) goes on without the pipeline's thread.</summary>
    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_queue)
        {
            if (!_isClosed)
            {
                _queue.Enqueue((d, state));
                Monitor.Pulse(_queue);
                return;
            }
        }

        base.Post(d, state);
    }

    private void WorkDone()
    {
        lock (_queue)
        {
            _isWorkDone = true;
            Monitor.Pulse(_queue);
        }
    }

    private void RunQueue(Action cancel)
    {
        ExceptionDispatchInfo? failure = null;
        while (Take() is { } next)
        {
            try
            {
                next.Callback(next.State);
            }
            catch (Exception exception)
            {
                failure ??= ExceptionDispatchInfo.Capture(exception);
                cancel();
            }
        }

        failure?.Throw();
    }

    private (SendOrPostCallback Callback, object? State)? Take()
    {
        lock (_queue)
        {
            while (_queue.Count == 0)
            {
                if (_isWorkDone)
                {
                    _isClosed = true;
                    return null;
                }

                Monitor.Wait(_queue);
            }

            return _queue.Dequeue();
        }
    }
}
