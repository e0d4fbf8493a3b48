using System.Collections.Concurrent;

namespace CdfProvisioning.Storage.Sqlite;

/// <summary>
/// The one writer of a database: a thread that takes what is queued, runs it in one transaction, each operation under its
/// own savepoint, and answers the callers after the commit.
/// </summary>
internal sealed class GroupCommitWriter : IAsyncDisposable
{
    /// <summary>About a thousand devices: more rows to a commit gain little, and let others wait.</summary>
    private const long RowsPerCommit = 4_000;

    private readonly Session _session;
    private readonly BlockingCollection<WriteOperation> _queue = [];
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public GroupCommitWriter(Session session)
    {
        _session = session;
        new Thread(Run) { IsBackground = true, Name = "Database writer" }.Start();
    }

    /// <exception cref="ObjectDisposedException">The writer has been disposed.</exception>
    public void Enqueue(WriteOperation operation)
    {
        try
        {
            _queue.Add(operation);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(Database));
        }
    }

    /// <summary>Writes what is queued, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.CompleteAdding();
        await _stopped.Task;
    }

    private void Run()
    {
        var group = new List<WriteOperation>();
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            group.Add(first);
            try
            {
                Commit(group);
                foreach (var operation in group)
                    operation.Complete();
            }
#pragma warning disable CA1031 // Every caller gets the exception; the writer lives on.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                foreach (var operation in group)
                    operation.Fail(exception);
            }
            group.Clear();
        }
        _session.Dispose();
        _stopped.SetResult();
    }

    /// <summary>Runs the group and all that is queued meanwhile in one transaction.</summary>
    private void Commit(List<WriteOperation> group)
    {
        try
        {
            _session.Execute("BEGIN IMMEDIATE");
            var limit = _session.TotalChanges + RowsPerCommit;
            var next = group[0];
            do
            {
                next.Run(_session);
                if (_session.Failure is not null)
                    throw _session.Failure;
            }
            while (_session.TotalChanges < limit && TryTake(group, out next));
            _session.Execute("COMMIT");
        }
        catch
        {
            _session.Rollback();
            throw;
        }
    }

    private bool TryTake(List<WriteOperation> group, out WriteOperation operation)
    {
        if (!_queue.TryTake(out operation!))
            return false;
        group.Add(operation);
        return true;
    }
}
