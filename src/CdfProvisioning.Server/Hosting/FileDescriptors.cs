using System.Globalization;

namespace CdfProvisioning.Server.Hosting;

/// <summary>How many files this process may have open, which connections are too.</summary>
internal static class FileDescriptors
{
    /// <summary>
    /// As many connections as leave the process the larger part of its files: a runtime that can open none more loads no
    /// assembly, opens no registry, and does not come back from that.
    /// </summary>
    /// <param name="connections">As many as are wanted.</param>
    /// <param name="share">Which part of the files they may take: a quarter, unless it is named.</param>
    public static int Bound(int connections, int share = 4) => Limit() is { } limit ? Math.Clamp(limit / share, 1, connections) : connections;

    private static int? Limit()
    {
        try
        {
            // man 5 proc: "Max open files            1024                 524288               files"
            var line = File.ReadLines("/proc/self/limits").FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal));
            var soft = line?["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // Not Linux.
        }
    }
}
