namespace CdfProvisioning.Storage.Sqlite;

/// <summary>The file that a writer has open. What is written to one that is no longer at its path is lost with the process.</summary>
internal sealed class OpenFile
{
    private readonly Session _session;
    private readonly string _file;
    private readonly FileInfo _main;
    private readonly FileInfo _log;
    private long _length;
    private bool _hasLog;

    /// <param name="session">The writer's.</param>
    /// <param name="path">Where the file is.</param>
    /// <param name="file">What errors call it.</param>
    public OpenFile(Session session, string path, string file)
    {
        (_session, _file, _main, _log) = (session, file, new(path), new(path + "-wal"));
        Committed();
    }

    /// <exception cref="CdfException">Unavailable: it was deleted, replaced or cut short.</exception>
    public void Check()
    {
        _main.Refresh();
        _log.Refresh();
        if (_session.HasMoved || !_main.Exists || _main.Length < _length || (_hasLog && !_log.Exists))
            throw SqliteFailures.Gone(_file);
    }

    /// <summary>A commit may have made it longer; SQLite never makes it shorter, as nobody vacuums it.</summary>
    public void Committed()
    {
        _main.Refresh();
        _log.Refresh();
        (_length, _hasLog) = (_main.Exists ? _main.Length : 0, _log.Exists);
    }
}
