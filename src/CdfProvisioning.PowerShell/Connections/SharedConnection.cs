namespace CdfProvisioning.PowerShell;

/// <summary>A connection, with the session and the servers that use it: whoever lets go of it last closes it.</summary>
internal sealed class SharedConnection(Connection connection)
{
    private readonly Lock _lock = new();
    private int _users = 1;

    public Connection Connection => connection;

    /// <summary>Adds a user, who is to release it.</summary>
    /// <exception cref="CdfException">Unavailable: it is closed.</exception>
    public SharedConnection Share()
    {
        lock (_lock)
            _users = _users > 0 ? _users + 1 : throw CdfErrorCode.Unavailable.Error("The connection has been closed: Connect-Cdf opens another.");
        return this;
    }

    /// <returns>Whether this closed it.</returns>
    public async ValueTask<bool> ReleaseAsync()
    {
        lock (_lock)
        {
            if (--_users > 0)
                return false;
        }

        await connection.DisposeAsync();
        return true;
    }
}
