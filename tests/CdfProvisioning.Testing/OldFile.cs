using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Testing;

/// <summary>Files as older versions of the module wrote them, kept as the SQL that makes them.</summary>
internal static class OldFile
{
    /// <param name="path">Where the file is to be.</param>
    /// <param name="name">The name of the SQL in the folder Fixtures of the test project.</param>
    /// <param name="keys">The folder that its lists are to put keys into.</param>
    public static void Make(string path, string name, string keys)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        SQLitePCL.Batteries_V2.Init();
        using var session = new Session(path, path, SessionAccess.Write);
        session.ExecuteScript(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", name)).Replace("KEYS", keys, StringComparison.Ordinal));
    }
}
