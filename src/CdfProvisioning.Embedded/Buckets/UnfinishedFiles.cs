using CdfProvisioning.Files;

namespace CdfProvisioning.Embedded.Buckets;

/// <summary>The folder of content that is still arriving. What a killed process left in it is swept out when it is next used.</summary>
internal sealed class UnfinishedFiles(string folder)
{
    /// <summary>Content that arrives is written to all the time: what has not been for so long has nobody who writes it.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    private int _swept;

    /// <exception cref="CdfException">Unavailable.</exception>
    public string NewPath()
    {
        try
        {
            PrivateFiles.CreateFolder(folder);
            if (Interlocked.Exchange(ref _swept, 1) == 0)
                foreach (var file in Directory.EnumerateFiles(folder))
                    if (DateTime.UtcNow - File.GetLastWriteTimeUtc(file) > Abandoned)
                        File.Delete(file);
            return Path.Combine(folder, Guid.NewGuid().ToString("N"));
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite("The folder", folder, e);
        }
    }
}
