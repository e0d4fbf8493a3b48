namespace CdfProvisioning.Files;

/// <summary>
/// A file that an owner (of a task, of places for keys) keeps locked. The operating system releases the lock at the moment the
/// process dies, however it does, so there is no heartbeat, and no clock to agree on. Its name is used once.
/// </summary>
internal sealed class OwnerLock : IDisposable
{
    private const string Extension = ".lock";

    /// <summary>Longer than it takes to lock a file that was just made.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(1);

    private readonly FileStream _file;

    /// <exception cref="CdfException">Unavailable.</exception>
    public OwnerLock(string folder)
    {
        Name = Guid.NewGuid().ToString("N");
        try
        {
            PrivateFiles.CreateFolder(folder);
            _file = PrivateFiles.OpenNew(PathOf(folder, Name), new() { Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 });
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw CdfErrorCode.Unavailable.Error($"The folder '{folder}' cannot be written to: {e.Message} Make room, or see to it that you may write there, and try again.", e);
        }
    }

    public string Name { get; }

    /// <summary>Whether the process that holds the lock of that name is alive.</summary>
    public static bool IsHeld(string folder, string name)
    {
        try
        {
            new FileStream(PathOf(folder, name), FileMode.Open, FileAccess.Read, FileShare.Read).Dispose();
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public static void Forget(string folder, string name) => File.Delete(PathOf(folder, name));

    /// <summary>Takes away what killed owners have left.</summary>
    public static void ForgetDead(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*" + Extension))
            if (Path.GetFileNameWithoutExtension(file) is { Length: 32 } name && DateTime.UtcNow - File.GetLastWriteTimeUtc(file) > Young && !IsHeld(folder, name))
                Forget(folder, name);
    }

    public void Dispose()
    {
        _file.Dispose();
        if (File.Exists(_file.Name))
            File.Delete(_file.Name);
    }

    private static string PathOf(string folder, string name) => Path.Combine(folder, name + Extension);
}
