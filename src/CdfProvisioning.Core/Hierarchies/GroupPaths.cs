using CdfProvisioning.Iot;

namespace CdfProvisioning.Hierarchies;

/// <summary>Paths of groups: each group's name after those of the groups above it, such as /europe/factory-7; / is above all.</summary>
internal static class GroupPaths
{
    private const int MaxLength = 2_048;
    private const int MaxCount = 100;

    /// <summary>The paths in the order in which they are compared and kept.</summary>
    /// <exception cref="CdfException">InvalidRequest: there is none, or one that is no path.</exception>
    public static IReadOnlyList<string> Check(IReadOnlyList<string> paths)
    {
        if (paths.Count is 0 or > MaxCount)
            throw CdfErrorCode.InvalidRequest.Error($"There are {paths.Count} group paths: give 1 to {MaxCount}, such as /europe/factory-7.");
        foreach (var path in paths)
        {
            if (path is null || path.Length > MaxLength || !path.StartsWith('/') || path.Any(char.IsControl) || (path != "/" && path.Split('/').Skip(1).Any(name => name.Trim().Length == 0)))
                throw CdfErrorCode.InvalidRequest.Error($"'{IotNames.Shown(path ?? "null")}' is not a group path: it has to be like /europe/factory-7.");
        }

        return paths.Distinct().Order(StringComparer.Ordinal).ToArray();
    }

    /// <summary>Whether a path is that of the group, or of one above it.</summary>
    public static bool IsAtOrAbove(string path, string group) =>
        path == "/" || group == path || (group.StartsWith(path, StringComparison.Ordinal) && group[path.Length] == '/');

    /// <summary>How many groups the paths name, those above included, each once.</summary>
    public static int Levels(IReadOnlyList<string> paths) => paths.SelectMany(AtAndAbove).Distinct().Count();

    private static IEnumerable<string> AtAndAbove(string path)
    {
        for (var end = path.Length; end > 1; end = path.LastIndexOf('/', end - 1))
            yield return path[..end];
    }
}
