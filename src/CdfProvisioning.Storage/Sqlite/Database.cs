using System.Collections.Concurrent;
using CdfProvisioning.Files;

namespace CdfProvisioning.Storage.Sqlite;

/// <summary>A SQLite file: many concurrent readers, one group-commit writer, and other processes beside us.</summary>
internal sealed class Database : IAsyncDisposable
{
    /// <summary>Registering goes to and fro in the indexes of names and certificates: with SQLite's 2 MB half of the writer's time is reading pages again.</summary>
    private const int WriterCacheKilobytes = 32_000;

    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(30);

    private readonly Schema _schema;
    private readonly ConcurrentBag<Session> _readers = [];
    private readonly GroupCommitWriter _writer;
    private readonly SessionAccess _access;
    private readonly string? _madeIn;
    private bool _isThere;
    private bool _isDisposed;

    static Database() => SQLitePCL.Batteries_V2.Init();

    private Database(string path, Schema schema, SessionAccess access, Session? writer, Func<Session>? openWriter = null, string? madeIn = null)
    {
        Path = path;
        _schema = schema;
        _access = access;
        _madeIn = madeIn;
        _isThere = madeIn is null;
        _writer = new GroupCommitWriter(writer, openWriter, path, schema.Of(path));
    }

    public string Path { get; }

    /// <summary>
    /// Opens the file; makes it and its folder, for the user's eyes only, if they do not exist. One that can only be read is
    /// opened too: what is written to it fails.
    /// </summary>
    /// <param name="path">Where the file is, or is to be.</param>
    /// <param name="schema">Its tables.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <param name="fullSync">
    /// Wait for the disk at every commit. Without it a power failure can take the last commits (never a part of one); the end
    /// of the process, however sudden, takes nothing either way.
    /// </param>
    /// <param name="madeWhenWrittenIn">A folder above the file: where it is there, the first write makes the file; until then it reads as an empty one.</param>
    /// <exception cref="CdfException">Unavailable: not such a file, made by a newer version, damaged, or neither there nor to be made.</exception>
    public static async ValueTask<Database> OpenAsync(
        string path, Schema schema, CancellationToken cancellationToken, bool fullSync = false, string? madeWhenWrittenIn = null)
    {
        path = System.IO.Path.GetFullPath(path);
        return madeWhenWrittenIn is not null && !File.Exists(path)
            ? new Database(
                path, schema, SessionAccess.Read, writer: null,
                () =>
                {
                    CheckIsThere(madeWhenWrittenIn, path, schema);
                    return OpenWriter(path, schema, fullSync);
                },
                madeWhenWrittenIn)
            : await Task.Run(() => Open(path, schema, fullSync), cancellationToken);
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

    /// <summary>Notices what others write, this process included.</summary>
    public ChangeWatch Watch() => new(OpenReader());

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

    private static Database Open(string path, Schema schema, bool fullSync)
    {
        try
        {
            return new(path, schema, SessionAccess.Read, OpenWriter(path, schema, fullSync));
        }
        catch (CdfException e) when (SqliteFailures.IsNotWritable(e) && ReadableAs(path, schema) is { } access)
        {
            return new(path, schema, access, writer: null, () => throw e);
        }
    }

    /// <summary>How a file can be read that cannot be written to; null if it cannot be read either, or would have to be migrated.</summary>
    private static SessionAccess? ReadableAs(string path, Schema schema)
    {
        if (!File.Exists(path))
            return null;
        var hasLog = new FileInfo(path + "-wal") is { Exists: true, Length: > 0 };
        foreach (var access in hasLog ? [SessionAccess.ReadWhereNobodyMayWrite] : new[] { SessionAccess.ReadWhereNobodyMayWrite, SessionAccess.ReadWhereNobodyCanWrite })
            try
            {
                using var session = new Session(path, schema.Of(path), access);
                schema.Check(session, path);
                if (session.Scalar<int>("PRAGMA user_version") == schema.Version)
                    return access;
            }
            catch (CdfException)
            {
                // The next way, or the error that it cannot be written to.
            }

        return null;
    }

    private static Session OpenWriter(string path, Schema schema, bool fullSync)
    {
        var isNew = PrepareFolder(path, schema);
        var session = new Session(path, schema.Of(path), SessionAccess.Write);
        try
        {
            session.SetBusyTimeout(BusyTimeout);
            if (isNew && !OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            schema.Check(session, path);
            session.ExecuteScript("PRAGMA page_size = 8192");
            session.UseWriteAheadLog(BusyTimeout);
            session.ExecuteScript($"""
                PRAGMA synchronous = {(fullSync ? "FULL" : "NORMAL")};
                PRAGMA wal_autocheckpoint = 10000;
                PRAGMA cache_size = -{WriterCacheKilobytes};
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

    /// <inheritdoc cref="ReadAsync"/>
    public T Read<T>(Func<Session, T> read)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_readers.TryTake(out var session))
        {
            session = OpenReader();
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

    /// <summary>A file is not made, nor taken for an empty one, where its folder was moved away.</summary>
    private static void CheckIsThere(string folder, string path, Schema schema)
    {
        if (!Directory.Exists(folder))
            throw SqliteFailures.Gone(schema.Of(path));
    }

    private Session OpenReader()
    {
        if (!_isThere)
            CheckIsThere(_madeIn!, Path, _schema);
        _isThere = _isThere || File.Exists(Path);
        var session = new Session(Path, _schema.Of(Path), _isThere ? _access : SessionAccess.ReadNothing);
        session.SetBusyTimeout(BusyTimeout);
        if (!_isThere)
            _schema.Migrate(session, Path);
        return session;
    }

    private void Return(Session session)
    {
        if (_isDisposed || !_isThere)
            session.Dispose();
        else
            _readers.Add(session);
    }
}
