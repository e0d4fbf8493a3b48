using System.Collections.Concurrent;
using CdfProvisioning.Files;

namespace CdfProvisioning.Storage.Sqlite;

/// <summary>A SQLite file: many concurrent readers, one group-commit writer, and other processes beside us.</summary>
internal sealed class Database : IAsyncDisposable
{
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(30);

    private readonly Schema _schema;
    private readonly ConcurrentBag<Session> _readers = [];
    private readonly GroupCommitWriter _writer;
    private bool _isDisposed;

    static Database() => SQLitePCL.Batteries_V2.Init();

    private Database(string path, Schema schema, Session writeSession)
    {
        Path = path;
        _schema = schema;
        _writer = new GroupCommitWriter(writeSession);
    }

    public string Path { get; }

    /// <summary>Opens the file; makes it and its folder, for the user's eyes only, if they do not exist.</summary>
    /// <param name="path">Where the file is, or is to be.</param>
    /// <param name="schema">Its tables.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <param name="fullSync">
    /// Wait for the disk at every commit. Without it a power failure can take the last commits (never a part of one); the end
    /// of the process, however sudden, takes nothing either way.
    /// </param>
    /// <exception cref="CdfException">Unavailable: not such a file, made by a newer version, damaged, or not writable.</exception>
    public static async ValueTask<Database> OpenAsync(string path, Schema schema, CancellationToken cancellationToken, bool fullSync = false)
    {
        path = System.IO.Path.GetFullPath(path);
        return new Database(path, schema, await Task.Run(() => OpenWriter(path, schema, fullSync), cancellationToken));
    }

    /// <summary>Runs <paramref name="read"/> on one consistent state of the file.</summary>
    public ValueTask<T> ReadAsync<T>(Func<Session, T> read, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<T>(cancellationToken);
        try
        {
            return new(Read(read));
        }
#pragma warning disable CA1031 // It is not swallowed: the task carries it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return ValueTask.FromException<T>(exception);
        }
    }

    /// <summary>Runs <paramref name="write"/> in the writer's next transaction; answers once that is committed.</summary>
    /// <param name="write">If it throws, only what it changed itself is undone.</param>
    /// <param name="cancellationToken">Cancels the write while it is queued.</param>
    public async ValueTask<T> WriteAsync<T>(Func<Session, T> write, CancellationToken cancellationToken)
    {
        var operation = new WriteOperation<T>(write, cancellationToken);
        _writer.Enqueue(operation);
        return await operation.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _isDisposed = true;
        while (_readers.TryTake(out var reader))
            reader.Dispose();
    }

    private static Session OpenWriter(string path, Schema schema, bool fullSync)
    {
        var isNew = PrepareFolder(path, schema);
        var session = new Session(path, schema.Of(path));
        try
        {
            session.SetBusyTimeout(BusyTimeout);
            if (isNew && !OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            schema.Check(session, path);
            session.ExecuteScript($"""
                PRAGMA page_size = 8192;
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = {(fullSync ? "FULL" : "NORMAL")};
                PRAGMA wal_autocheckpoint = 10000;
                PRAGMA temp_store = MEMORY;
                """);
            schema.Migrate(session, path);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <returns>Whether the file is still to be made.</returns>
    private static bool PrepareFolder(string path, Schema schema)
    {
        try
        {
            PrivateFiles.CreateFolder(System.IO.Path.GetDirectoryName(path)!);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw SqliteFailures.CannotWrite(schema.Of(path), exception.Message, exception);
        }
        return !File.Exists(path);
    }

    private T Read<T>(Func<Session, T> read)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_readers.TryTake(out var session))
        {
            session = new Session(Path, _schema.Of(Path));
            session.SetBusyTimeout(BusyTimeout);
        }
        try
        {
            session.Execute("BEGIN");
            var result = read(session);
            session.Execute("COMMIT");
            return result;
        }
        finally
        {
            session.Rollback();
            Return(session);
        }
    }

    private void Return(Session session)
    {
        if (_isDisposed)
            session.Dispose();
        else
            _readers.Add(session);
    }
}
