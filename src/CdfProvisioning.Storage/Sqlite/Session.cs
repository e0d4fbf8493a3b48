using System.Diagnostics;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace CdfProvisioning.Storage.Sqlite;

/// <summary>
/// A connection and its prepared statements, used by one thread at a time. Parameters are <c>$1</c>, <c>$2</c>, ... SQLite is
/// spoken to directly, not through ADO.NET: one statement that is prepared once, and nothing allocated for each value that is
/// bound, are what the rate of a list without certificates comes from.
/// </summary>
internal sealed partial class Session : IDisposable
{
    /// <summary>SQLITE_FCNTL_HAS_MOVED, which SQLitePCL does not have.</summary>
    private const int HasMovedOperation = 20;

    private readonly string _file;
    private readonly sqlite3 _connection;
    private readonly Dictionary<string, Statement> _statements = new(new ByLength());

    /// <param name="path">The file's path.</param>
    /// <param name="file">What errors call the file.</param>
    /// <param name="access">What is done with it.</param>
    /// <exception cref="CdfException">Unavailable: the file cannot be opened.</exception>
    public Session(string path, string file, SessionAccess access)
    {
        _file = file;
        var (name, flags) = access switch
        {
            SessionAccess.Write => (path, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE),
            SessionAccess.Read => (path, raw.SQLITE_OPEN_READWRITE),
            SessionAccess.ReadWhereNobodyMayWrite => (path, raw.SQLITE_OPEN_READONLY),
            SessionAccess.ReadWhereNobodyCanWrite => ($"{new Uri(path).AbsoluteUri}?immutable=1", raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_URI),
            _ => (":memory:", raw.SQLITE_OPEN_READWRITE),
        };
        var code = raw.sqlite3_open_v2(name, out _connection, flags | raw.SQLITE_OPEN_NOMUTEX, null);
        if (code != raw.SQLITE_OK)
        {
            var failure = Failed(code);
            _connection.Dispose();
            throw failure;
        }
    }

    /// <summary>
    /// Set when the file itself failed (full disk, damage): the transaction is lost, and so is whatever is still tried in
    /// it, whoever caught the first exception.
    /// </summary>
    public CdfException? Failure { get; private set; }

    /// <summary>Whether the file at the path is another than the one that is open, or there is none.</summary>
    public bool HasMoved => FileControl(_connection.DangerousGetHandle(), database: 0, HasMovedOperation, out var hasMoved) == raw.SQLITE_OK && hasMoved != 0;

    public long LastInsertId => raw.sqlite3_last_insert_rowid(_connection);

    /// <summary>How many rows were inserted, updated or deleted since the session began.</summary>
    public long TotalChanges => raw.sqlite3_total_changes(_connection);

    public void SetBusyTimeout(TimeSpan timeout) => raw.sqlite3_busy_timeout(_connection, (int)timeout.TotalMilliseconds);

    /// <returns>How many rows were inserted, updated or deleted.</returns>
    public int Execute(string sql, params ReadOnlySpan<object?> values)
    {
        var statement = Start(sql, values);
        try
        {
            while (Step(statement)) { }
            return raw.sqlite3_changes(_connection);
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>Lets the scripts of this session call a function of one blob: what SQL cannot read, such as DER.</summary>
    public void Define(string name, Func<byte[], long> function) => raw.sqlite3_create_function(
        _connection, name, 1, null, (context, _, arguments) => raw.sqlite3_result_int64(context, function(raw.sqlite3_value_blob(arguments[0]).ToArray())));

    /// <summary>Runs several statements, separated by semicolons, that are run seldom.</summary>
    public void ExecuteScript(string sql)
    {
        if (raw.sqlite3_exec(_connection, sql) is var code and not raw.SQLITE_OK)
            throw Failed(code);
    }

    /// <summary>Puts a new file into WAL mode. SQLite does not wait here for another who is doing so, whatever the busy timeout is.</summary>
    public void UseWriteAheadLog(TimeSpan busyTimeout)
    {
        for (var start = Stopwatch.GetTimestamp(); ; Thread.Sleep(1))
        {
            var code = raw.sqlite3_exec(_connection, "PRAGMA journal_mode = WAL");
            if (code == raw.SQLITE_OK)
                return;
            if (code != raw.SQLITE_BUSY || Stopwatch.GetElapsedTime(start) > busyTimeout)
                throw Failed(code);
        }
    }

    /// <returns>The first column of the first row; the default of <typeparamref name="T"/> if there is no row or it is NULL.</returns>
    public T? Scalar<T>(string sql, params ReadOnlySpan<object?> values) => Single(sql, row => row.Value<T>(0), values);

    /// <returns>The first row; the default of <typeparamref name="T"/> if there is none.</returns>
    public T? Single<T>(string sql, Func<Row, T> map, params ReadOnlySpan<object?> values)
    {
        var statement = Start(sql, values);
        try
        {
            return Step(statement) ? map(statement.Row) : default;
        }
        finally
        {
            statement.Reset();
        }
    }

    public List<T> Query<T>(string sql, Func<Row, T> map, params ReadOnlySpan<object?> values)
    {
        var statement = Start(sql, values);
        try
        {
            var rows = new List<T>();
            while (Step(statement))
                rows.Add(map(statement.Row));
            return rows;
        }
        finally
        {
            statement.Reset();
        }
    }

    /// <summary>Runs <paramref name="work"/> within the transaction; if it throws, what it changed is undone.</summary>
    public T Attempt<T>(Func<Session, T> work)
    {
        Execute("SAVEPOINT attempt");
        try
        {
            var result = work(this);
            Execute("RELEASE attempt");
            return result;
        }
        catch when (Failure is null)
        {
            Execute("ROLLBACK TO attempt");
            Execute("RELEASE attempt");
            throw;
        }
    }

    /// <summary>Ends the transaction without keeping anything, also one that SQLite has ended itself.</summary>
    public void Rollback()
    {
        Failure = null;
        if (raw.sqlite3_get_autocommit(_connection) == 0)
            Execute("ROLLBACK");
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
            statement.Dispose();
        _connection.Dispose();
    }

    private Statement Start(string sql, ReadOnlySpan<object?> values)
    {
        if (Failure is not null)
            throw Failure;
        if (!_statements.TryGetValue(sql, out var statement))
        {
            var code = raw.sqlite3_prepare_v3(_connection, sql, raw.SQLITE_PREPARE_PERSISTENT, out var handle);
            if (code != raw.SQLITE_OK)
                throw Failed(code);
            _statements.Add(sql, statement = new Statement(handle));
        }
        statement.Bind(values);
        return statement;
    }

    private bool Step(Statement statement) => statement.Step() switch
    {
        raw.SQLITE_ROW => true,
        raw.SQLITE_DONE => false,
        var code => throw Failed(code),
    };

    private CdfException Failed(int code)
    {
        var failure = SqliteFailures.Error(_file, code, raw.sqlite3_errmsg(_connection).utf8_to_string());
        if (SqliteFailures.IsOfTheFile(code))
            Failure = failure;
        return failure;
    }

    /// <summary>The length tells the few statements of a session apart nearly as well as a hash of their long texts, which each row of a list would wait for.</summary>
    private sealed class ByLength : IEqualityComparer<string>
    {
        public bool Equals(string? one, string? other) => one == other;

        public int GetHashCode(string sql) => sql.Length;
    }

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial int FileControl(nint connection, nint database, int operation, out int argument);
}

/// <summary>What a session does with its file.</summary>
internal enum SessionAccess
{
    /// <summary>Writes to it, and makes it if there is none.</summary>
    Write,

    /// <summary>Reads it, while others write to it.</summary>
    Read,

    /// <summary>Reads it, without the right to write to what is beside it.</summary>
    ReadWhereNobodyMayWrite,

    /// <summary>Reads it on a file system that is read-only, as if nobody had ever written to what is beside it.</summary>
    ReadWhereNobodyCanWrite,

    /// <summary>Reads an empty one in memory, where there is no file yet.</summary>
    ReadNothing,
}
