using System.Text;

namespace CdfProvisioning.Files;

/// <summary>A place with room for a private file, taken before there is anything to put there: what is made then has where to go. Nothing is left of one that was not used.</summary>
internal sealed class ReservedFile : IDisposable
{
    /// <summary>More than a key or a certificate of a device takes.</summary>
    private const int Room = 16 * 1024;

    private readonly string _folder;
    private readonly FileStream _file;

    private ReservedFile(string folder, FileStream file) => (_folder, _file) = (folder, file);

    /// <param name="folder">The folder, which is made if there is none.</param>
    /// <exception cref="CdfException">Unavailable.</exception>
    public static ReservedFile Make(string folder) => Do(folder, () =>
    {
        PrivateFiles.CreateFolder(folder);
        var reserved = new ReservedFile(folder, PrivateFiles.OpenNew(PrivateFiles.UnfinishedName(Path.Combine(folder, "reserved")), new() { Access = FileAccess.Write, BufferSize = 0 }));
        try
        {
            reserved._file.Write(new byte[Room]);
            reserved._file.Flush(flushToDisk: true);
            return reserved;
        }
        catch
        {
            reserved.Dispose();
            throw;
        }
    });

    /// <summary>Makes it the file of that name, with this text.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="CdfException">Unavailable.</exception>
    public string Put(string name, string text) => Do(_folder, () =>
    {
        var path = Path.Combine(_folder, name);
        var content = Encoding.UTF8.GetBytes(text);
        RandomAccess.Write(_file.SafeFileHandle, content, 0);
        RandomAccess.SetLength(_file.SafeFileHandle, content.Length);
        _file.Flush(flushToDisk: true);
        _file.Dispose();
        File.Move(_file.Name, path, overwrite: true);
        return path;
    });

    public void Dispose()
    {
        _file.Dispose();
        File.Delete(_file.Name);
    }

    private static T Do<T>(string folder, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite("The folder", folder, e);
        }
    }
}
