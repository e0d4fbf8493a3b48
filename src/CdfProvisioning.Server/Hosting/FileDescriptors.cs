using System.Globalization;

namespace CdfProvisioning.Server.Hosting;

/// <summary>How many files this process may have open, which connections are too.</summary>
internal static class FileDescriptors
{
    private const int Fewest = 8;

    /// <summary>What the runtime opens as it goes: assemblies, registries, certificates.</summary>
    private const int OfOthers = 100;

    /// <summary>
    /// As many connections as leave the process files to open, of those that it has not opened yet (PowerShell has some 300 open): a runtime
    /// that can open none more loads no assembly, opens no registry, and ends.
    /// </summary>
    /// <param name="connections">As many as are wanted.</param>
    /// <param name="share">Which part of the files they may take: a quarter, unless it is named.</param>
    public static int Bound(int connections, int share = 4) => Free() is { } free ? Math.Clamp(free / share, Math.Min(Fewest, connections), connections) : connections;

    /// <summary>How many files are left for connections: an eighth of all, or a hundred, is for what these ask for.</summary>
    private static int? Free()
    {
        try
        {
            // man 5 proc: "Max open files            1024                 524288               files"
            var line = File.ReadLines("/proc/self/limits").FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal));
            var soft = line?["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
                ? limit - Math.Max(limit / 8, OfOthers) - Directory.EnumerateFileSystemEntries("/proc/self/fd").Count()
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // Not Linux.
        }
    }
}
