using CdfProvisioning.Iot;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>
/// Finds names by their beginning through the indexes that keep them unique. Those tell capitals from small letters, and patterns do
/// not: so the ways in which a prefix is written there are found first, letter by letter, and each is a range of an index.
/// </summary>
internal static class NameIndex
{
    private const int PageSize = 1_000;

    /// <summary>Behind it comes no character.</summary>
    private const string Last = "\U0010FFFF";

    /// <summary>The ways in which a prefix is written, in their order.</summary>
    public static IReadOnlyList<string> Spellings(Session session, NamedResource resource, string prefix)
    {
        var spellings = new List<string> { "" };
        foreach (var character in prefix.TakeWhile(char.IsAscii))
            spellings = char.IsAsciiLetter(character)
                ? [.. spellings.SelectMany(s => new[] { s + char.ToUpperInvariant(character), s + char.ToLowerInvariant(character) }).Where(Exists)]
                : spellings.ConvertAll(s => s + character);
        return spellings;

        bool Exists(string beginning) =>
            session.Scalar<bool>($"SELECT EXISTS (SELECT 1 FROM {Table(resource)} WHERE name >= $1 AND name < $2)", beginning, beginning + Last);
    }

    /// <summary>A page of the names that begin so; fewer than <see cref="IsFull"/> says are the last.</summary>
    public static IReadOnlyList<string> Read(Session session, NamedResource resource, string spelling, string? after) => session.Query(
        $"SELECT name FROM {Table(resource)} WHERE name {(after is null ? ">=" : ">")} $1 AND name < $2 ORDER BY name LIMIT {PageSize}",
        row => row.Text(0), after ?? spelling, spelling + Last);

    public static bool IsFull(IReadOnlyList<string> page) => page.Count == PageSize;

    private static string Table(NamedResource resource) => resource switch
    {
        NamedResource.Thing => "thing",
        NamedResource.ThingGroup => "thing_group",
        NamedResource.ThingType => "thing_type",
        _ => "policy",
    };
}
