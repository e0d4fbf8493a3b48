namespace CdfProvisioning.Storage.Sqlite;

/// <summary>A piece of work in the writer's queue.</summary>
internal abstract class WriteOperation
{
    /// <summary>Runs under a savepoint; keeps the result or the exception until <see cref="Complete"/>.</summary>
    public abstract void Run(Session session);

    /// <summary>Hands result or exception to the caller: the transaction is committed.</summary>
    public abstract void Complete();

    /// <summary>Tells the caller that the transaction is lost.</summary>
    public abstract void Fail(Exception exception);
}

/// <inheritdoc/>
internal sealed class WriteOperation<T> : WriteOperation
{
    private const int Queued = 0, Running = 1, Cancelled = 2;

    private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<Session, T> work;
    private readonly CancellationTokenRegistration cancellation;
    private int state;
    private T? result;
    private Exception? failure;

    public WriteOperation(Func<Session, T> work, CancellationToken cancellationToken)
    {
        this.work = work;
        cancellation = cancellationToken.UnsafeRegister(Cancel, this);
    }

    public Task<T> Task => completion.Task;

    public override void Run(Session session)
    {
        if (Interlocked.CompareExchange(ref state, Running, Queued) != Queued)
            return;
        cancellation.Unregister();
        try
        {
            result = session.Attempt(work);
        }
#pragma warning disable CA1031 // Whatever the work threw is its caller's, not the writer's.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }
    }

    public override void Complete()
    {
        if (failure is not null)
            completion.TrySetException(failure);
        else if (state == Running)
            completion.TrySetResult(result!);
    }

    public override void Fail(Exception exception)
    {
        cancellation.Unregister();
        completion.TrySetException(exception);
    }

    private static void Cancel(object? operation, CancellationToken cancellationToken)
    {
        var self = (WriteOperation<T>)operation!;
        if (Interlocked.CompareExchange(ref self.state, Cancelled, Queued) == Queued)
            self.completion.TrySetCanceled(cancellationToken);
    }
}
