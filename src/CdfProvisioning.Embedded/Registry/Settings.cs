using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>What the registry remembers of itself.</summary>
internal static class Settings
{
    public static string? Find(Session session, string key) => session.Scalar<string>("SELECT value FROM setting WHERE key = $1", key);

    /// <returns>The value that there was, else the new one.</returns>
    public static string GetOrAdd(Session session, string key, string value)
    {
        session.Execute("INSERT OR IGNORE INTO setting (key, value) VALUES ($1, $2)", key, value);
        return Find(session, key)!;
    }

    public static void Delete(Session session, string key) => session.Execute("DELETE FROM setting WHERE key = $1", key);
}
