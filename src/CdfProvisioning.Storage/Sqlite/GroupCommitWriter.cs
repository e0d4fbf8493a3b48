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

    private readonly Session session;
    private readonly BlockingCollection<WriteOperation> queue = [];
    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public GroupCommitWriter(Session session)
    {
        this.session = session;
        new Thread(Run) { IsBackground = true, Name = "Registry writer" }.Start();
    }

    /// <exception cref="ObjectDisposedException">The writer has been disposed.</exception>
    public void Enqueue(WriteOperation operation)
    {
        try
        {
            queue.Add(operation);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(RegistryDatabase));
        }
    }

    /// <summary>Writes what is queued, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.CompleteAdding();
        await stopped.Task;
    }

    private void Run()
    {
        var group = new List<WriteOperation>();
        foreach (var first in queue.GetConsumingEnumerable())
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
        session.Dispose();
        stopped.SetResult();
    }

    /// <summary>Runs the group and all that is queued meanwhile in one transaction.</summary>
    private void Commit(List<WriteOperation> group)
    {
        try
        {
            session.Execute("BEGIN IMMEDIATE");
            var limit = session.TotalChanges + RowsPerCommit;
            var next = group[0];
            do
            {
                next.Run(session);
                if (session.Failure is not null)
                    throw session.Failure;
            }
            while (session.TotalChanges < limit && TryTake(group, out next));
            session.Execute("COMMIT");
        }
        catch
        {
            session.Rollback();
            throw;
        }
    }

    private bool TryTake(List<WriteOperation> group, out WriteOperation operation)
    {
        if (!queue.TryTake(out operation!))
            return false;
        group.Add(operation);
        return true;
    }
}
