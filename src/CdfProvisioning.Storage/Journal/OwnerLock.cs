using CdfProvisioning.Files;

namespace CdfProvisioning.Storage.Journal;

/// <summary>
/// A file that the owner of a task keeps locked. The operating system releases the lock at the moment the process dies,
/// however it does, so there is no heartbeat, and no clock to agree on. Its name is used once.
/// </summary>
internal sealed class OwnerLock : IDisposable
{
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CdfException(CdfErrorCode.Unavailable, $"The folder '{folder}' cannot be written to: {e.Message} Make room, or see to it that you may write there, and try again.", e);
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
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public static void Forget(string folder, string name) => File.Delete(PathOf(folder, name));

    public void Dispose()
    {
        _file.Dispose();
        File.Delete(_file.Name);
    }

    private static string PathOf(string folder, string name) => Path.Combine(folder, name + ".lock");
}
