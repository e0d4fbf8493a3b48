using System.Text;

namespace CdfProvisioning.Files;

/// <summary>Folders and files that only their owner may read: 0700 and 0600 where the platform has modes.</summary>
internal static class PrivateFiles
{
    private const UnixFileMode OwnerReadsAndWrites = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string Unfinished = ".tmp";
    private const int GuidDigits = 32;

    /// <summary>Makes a folder, and those above it that there are not yet.</summary>
    public static void CreateFolder(string path)
    {
        if (File.Exists(path))
            throw InTheWay(path);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }
        // Of the folders that it makes, the framework gives the mode to the last one only.
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } parent && !Directory.Exists(parent))
            CreateFolder(parent);
        Directory.CreateDirectory(path, OwnerReadsAndWrites | UnixFileMode.UserExecute);
    }

    /// <summary>Finds out, without making anything, whether a folder could be made, or be written to if it is there.</summary>
    /// <exception cref="IOException">There is a file in its place, or above it.</exception>
    /// <exception cref="UnauthorizedAccessException">The user may not.</exception>
    public static void CheckFolder(string path)
    {
        for (path = Path.GetFullPath(path); !Directory.Exists(path); path = Path.GetDirectoryName(path)!)
            if (File.Exists(path))
                throw InTheWay(path);
        if (!UnixFiles.MayWrite(path))
            throw new UnauthorizedAccessException($"Access to the path '{path}' is denied.");
    }

    /// <summary>Makes a file that does not exist yet, to write to it. Nothing waits in memory, which a full disk would not take when the file is closed either.</summary>
    public static FileStream OpenNew(string path) => OpenNew(path, new() { Access = FileAccess.Write, BufferSize = 0, Options = FileOptions.Asynchronous });

    /// <summary>Makes a file that does not exist yet. A link or a pipe in its place is not followed or waited for, but in the way.</summary>
    public static FileStream OpenNew(string path, FileStreamOptions options)
    {
        options.Mode = FileMode.CreateNew;
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerReadsAndWrites;
        return new FileStream(path, options);
    }

    /// <summary>Makes a file in the temporary folder, to write to it and read from it, which is gone when it is closed, or when its process is killed.</summary>
    /// <exception cref="CdfException">Unavailable.</exception>
    public static FileStream OpenTemporary()
    {
        var path = Path.Combine(Path.GetTempPath(), $"cdf-{Guid.NewGuid():N}");
        try
        {
            var file = OpenNew(path, new() { Access = FileAccess.ReadWrite, Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose });
            if (!OperatingSystem.IsWindows())
                File.Delete(path); // The system deletes an open file at its end; .NET only one that it closes itself.
            return file;
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite("The temporary file", path, e);
        }
    }

    /// <summary>Whether a file of that name is one that <see cref="WriteAsync(string, string, CancellationToken)"/> is writing, or was killed over.</summary>
    public static bool IsUnfinished(string name) =>
        name.EndsWith(Unfinished, StringComparison.Ordinal)
        && name.Length > GuidDigits + Unfinished.Length
        && Guid.TryParseExact(name.AsSpan()[^(GuidDigits + Unfinished.Length)..^Unfinished.Length], "N", out _);

    /// <summary>The name beside a file or folder under which it is made, until it is whole and renamed.</summary>
    public static string UnfinishedName(string path) => $"{path}.{Guid.NewGuid():N}{Unfinished}";

    /// <summary>Writes the whole file or leaves the old one: to a file beside it, flushed to the disk, then renamed.</summary>
    public static ValueTask WriteAsync(string path, string text, CancellationToken cancellationToken) =>
        WriteAsync(path, file => file.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken));

    /// <inheritdoc cref="WriteAsync(string, string, CancellationToken)"/>
    public static async ValueTask WriteAsync(string path, Func<Stream, ValueTask> write)
    {
        var beside = UnfinishedName(path);
        try
        {
            await using (var file = OpenNew(beside))
            {
                await write(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(beside, path, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    /// <summary>Deletes a file of this user's that nobody has open any more; leaves any other.</summary>
    public static void TryDeleteUnlocked(string path)
    {
        FileFailures.Try(() =>
        {
            using var file = UnixFiles.OpenRegular(path, FileAccess.ReadWrite);
            if (DateTime.UtcNow - File.GetLastWriteTimeUtc(file) > TimeSpan.FromMinutes(1) && UnixFiles.TryLock(file))
                File.Delete(path);
        });
    }

    /// <param name="what">What the file is, for the error.</param>
    /// <param name="path">Its path.</param>
    /// <returns>False if there was none.</returns>
    /// <exception cref="CdfException">Unavailable.</exception>
    public static bool TryDelete(string what, string path)
    {
        try
        {
            var isThere = File.Exists(path);
            File.Delete(path);
            return isThere;
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite(what, path, e);
        }
    }

    private static IOException InTheWay(string file) => new($"The file '{file}' is where a folder is to be: name another.");
}
