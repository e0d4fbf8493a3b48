using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Storage.Tests;

internal static class Sample
{
    public static Schema Schema { get; } = new("registry", "CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;");
}
