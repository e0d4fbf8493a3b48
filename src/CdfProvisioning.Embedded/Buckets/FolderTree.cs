using CdfProvisioning.Files;

namespace CdfProvisioning.Embedded.Buckets;

/// <summary>Folders that hold nothing but folders.</summary>
internal static class FolderTree
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0 };

    /// <summary>Deletes a folder if there is no file in it, nor below it, but such as were left unfinished.</summary>
    /// <returns>Whether it is gone.</returns>
    /// <exception cref="IOException">A file has just been put there.</exception>
    public static bool TryDelete(string folder)
    {
        if (HoldsFiles(folder))
            return false;
        Delete(folder);
        return true;
    }

    /// <summary>Deletes a folder, and those above it up to one that stays, as long as there is nothing in them.</summary>
    public static void DeleteEmpty(string folder, string upTo)
    {
        try
        {
            for (; folder != upTo && !EntriesOf(folder).Any(); folder = Path.GetDirectoryName(folder)!)
                Directory.Delete(folder);
        }
        catch (IOException)
        {
            // Somebody has just put something there.
        }
    }

    private static bool HoldsFiles(string folder) => EntriesOf(folder).Any(entry => IsFolder(entry) ? HoldsFiles(entry.FullName) : !PrivateFiles.IsUnfinished(entry.Name));

    private static void Delete(string folder)
    {
        foreach (var entry in EntriesOf(folder))
            if (IsFolder(entry))
                Delete(entry.FullName);
            else if (PrivateFiles.IsUnfinished(entry.Name))
                entry.Delete();
        Directory.Delete(folder);
    }

    private static IEnumerable<FileSystemInfo> EntriesOf(string folder) => new DirectoryInfo(folder).EnumerateFileSystemInfos("*", Everything);

    private static bool IsFolder(FileSystemInfo entry) => entry is DirectoryInfo { LinkTarget: null };
}
