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

    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<Session, T> _work;
    private readonly CancellationTokenRegistration _cancellation;
    private int _state;
    private T? _result;
    private Exception? _failure;

    public WriteOperation(Func<Session, T> work, CancellationToken cancellationToken)
    {
        _work = work;
        _cancellation = cancellationToken.UnsafeRegister(Cancel, this);
    }

    public Task<T> Task => _completion.Task;

    public override void Run(Session session)
    {
        if (Interlocked.CompareExchange(ref _state, Running, Queued) != Queued)
            return;
        _cancellation.Unregister();
        try
        {
            _result = session.Attempt(_work);
        }
#pragma warning disable CA1031 // Whatever the work threw is its caller's, not the writer's.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _failure = exception;
        }
    }

    public override void Complete()
    {
        if (_failure is not null)
            _completion.TrySetException(_failure);
        else if (_state == Running)
            _completion.TrySetResult(_result!);
    }

    public override void Fail(Exception exception)
    {
        _cancellation.Unregister();
        _completion.TrySetException(exception);
    }

    private static void Cancel(object? operation, CancellationToken cancellationToken)
    {
        var self = (WriteOperation<T>)operation!;
        if (Interlocked.CompareExchange(ref self._state, Cancelled, Queued) == Queued)
            self._completion.TrySetCanceled(cancellationToken);
    }
}
