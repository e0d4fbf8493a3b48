using System.Collections.Concurrent;
using CdfProvisioning.Files;

namespace CdfProvisioning.Storage.Sqlite;

/// <summary>The registry's SQLite file: many concurrent readers, one group-commit writer, and other processes beside us.</summary>
internal sealed class RegistryDatabase : IAsyncDisposable
{
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(30);

    private readonly ConcurrentBag<Session> readers = [];
    private readonly GroupCommitWriter writer;
    private bool disposed;

    static RegistryDatabase() => SQLitePCL.Batteries_V2.Init();

    private RegistryDatabase(string path, Session writeSession)
    {
        Path = path;
        writer = new GroupCommitWriter(writeSession);
    }

    public string Path { get; }

    /// <summary>Opens the file; makes it and its folder, for the user's eyes only, if they do not exist.</summary>
    /// <exception cref="CdfException">Unavailable: not a registry, made by a newer version, damaged, or not writable.</exception>
    public static async ValueTask<RegistryDatabase> OpenAsync(string path, RegistryDatabaseOptions options, CancellationToken cancellationToken)
    {
        path = System.IO.Path.GetFullPath(path);
        return new RegistryDatabase(path, await Task.Run(() => OpenWriter(path, options), cancellationToken));
    }

    /// <summary>Runs <paramref name="read"/> on one consistent state of the registry.</summary>
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
        writer.Enqueue(operation);
        return await operation.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync();
        disposed = true;
        while (readers.TryTake(out var reader))
            reader.Dispose();
    }

    private static Session OpenWriter(string path, RegistryDatabaseOptions options)
    {
        var isNew = PrepareFolder(path);
        var session = new Session(path);
        try
        {
            session.SetBusyTimeout(BusyTimeout);
            if (isNew && !OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            Schema.Check(session, path);
            session.ExecuteScript($"""
                PRAGMA page_size = 8192;
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = {(options.FullSync ? "FULL" : "NORMAL")};
                PRAGMA wal_autocheckpoint = 10000;
                PRAGMA temp_store = MEMORY;
                """);
            Schema.Migrate(session, path);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <returns>Whether the file is still to be made.</returns>
    private static bool PrepareFolder(string path)
    {
        try
        {
            PrivateFiles.CreateFolder(System.IO.Path.GetDirectoryName(path)!);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw SqliteFailures.CannotWrite(path, exception.Message, exception);
        }
        return !File.Exists(path);
    }

    private T Read<T>(Func<Session, T> read)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!readers.TryTake(out var session))
        {
            session = new Session(Path);
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
        if (disposed)
            session.Dispose();
        else
            readers.Add(session);
    }
}
