namespace CdfProvisioning.Storage.Sqlite;

/// <summary>The tables of a kind of file, and how one made by an older version gets the newest ones.</summary>
/// <param name="Kind">What errors call the file.</param>
/// <param name="Scripts">Script n takes a file of version n to version n + 1 (PRAGMA user_version).</param>
internal sealed record Schema(string Kind, params IReadOnlyList<string> Scripts)
{
    /// <summary>"CdfP": what marks a SQLite file as ours (PRAGMA application_id).</summary>
    private const int ApplicationId = 0x43646650;

    /// <summary>Defines the functions that the scripts call.</summary>
    public Action<Session> Define { get; init; } = _ => { };

    public int Version => Scripts.Count;

    /// <summary>What errors call a file of this kind.</summary>
    public string Of(string path) => $"{Kind} '{path}'";

    /// <summary>Refuses a file that is not ours, before anything in it is changed.</summary>
    public void Check(Session session, string path)
    {
        var isEmpty = session.Scalar<long>("SELECT count(*) FROM sqlite_schema") == 0;
        if (!isEmpty && session.Scalar<int>("PRAGMA application_id") != ApplicationId)
            throw SqliteFailures.NotOurs(Of(path), "it is another program's database");
        if (session.Scalar<int>("PRAGMA user_version") is var version && version > Version)
            throw SqliteFailures.Unavailable(
                $"The {Of(path)} was made by a newer version of the module (its format is {version}, this version knows {Version}). Update the module.");
    }

    /// <summary>Brings the tables up to date, once, however many processes open the file at the same moment.</summary>
    public void Migrate(Session session, string path)
    {
        if (session.Scalar<int>("PRAGMA user_version") == Version)
            return;
        Define(session);
        session.Execute("BEGIN IMMEDIATE");
        try
        {
            Check(session, path);
            for (var version = session.Scalar<int>("PRAGMA user_version"); version < Version; version++)
                session.ExecuteScript(Scripts[version]);
            session.ExecuteScript($"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version};");
            session.Execute("COMMIT");
        }
        catch
        {
            session.Rollback();
            throw;
        }
    }
}
