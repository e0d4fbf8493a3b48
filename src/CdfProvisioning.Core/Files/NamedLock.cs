namespace CdfProvisioning.Files;

/// <summary>A file that one at a time keeps locked, of all processes of this computer. The operating system releases the lock when the process dies; the file stays.</summary>
internal sealed class NamedLock : IDisposable
{
    private readonly FileStream _file;

    private NamedLock(FileStream file) => _file = file;

    /// <returns>Null if somebody has it.</returns>
    /// <exception cref="CdfException">Unavailable.</exception>
    public static NamedLock? TryTake(string path)
    {
        try
        {
            PrivateFiles.CreateFolder(Path.GetDirectoryName(path)!);
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            return new(new FileStream(path, options));
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite("The lock", path, e);
        }
    }

    public void Dispose() => _file.Dispose();
}
