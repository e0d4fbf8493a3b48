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

    private readonly Func<Session>? _open;
    private readonly string _path;
    private readonly string _file;
    private readonly BlockingCollection<WriteOperation> _queue = [];
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Session? _session;
    private OpenFile? _openFile;

    /// <param name="session">The session; null if <paramref name="open"/> opens it when there is something to write.</param>
    /// <param name="open">Opens the session; what it throws, who writes gets.</param>
    /// <param name="path">The file's path.</param>
    /// <param name="file">What errors call the file.</param>
    public GroupCommitWriter(Session? session, Func<Session>? open, string path, string file)
    {
        (_session, _open, _path, _file) = (session, open, path, file);
        _openFile = session is null ? null : new(session, path, file);
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
        _session?.Dispose();
        _stopped.SetResult();
    }

    /// <summary>Runs the group and all that is queued meanwhile in one transaction.</summary>
    private void Commit(List<WriteOperation> group)
    {
        var session = _session ??= _open!();
        var file = _openFile ??= new(session, _path, _file);
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
            file.Check();
            session.Execute("COMMIT");
            file.Committed();
        }
        catch
        {
            session.Rollback();
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
