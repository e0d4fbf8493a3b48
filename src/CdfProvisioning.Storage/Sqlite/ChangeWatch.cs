namespace CdfProvisioning.Storage.Sqlite;

/// <summary>Notices that a file was changed by anybody else than its own session, in whatever process (SQLite, PRAGMA data_version).</summary>
internal sealed class ChangeWatch(Session session) : IDisposable
{
    private int _version = -1;

    /// <summary>Whether there was a change since it was last asked; the first time there was.</summary>
    public bool HasChanged()
    {
        var version = session.Scalar<int>("PRAGMA data_version");
        var hasChanged = version != _version;
        _version = version;
        return hasChanged;
    }

    public void Dispose() => session.Dispose();
}
