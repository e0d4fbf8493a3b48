namespace CdfProvisioning.Embedded.Buckets;

/// <summary>What is asked of a listing.</summary>
/// <param name="Prefix">What the keys have to begin with.</param>
/// <param name="Delimiter">Keys that are alike up to the first one behind the prefix are listed once, as a common prefix; null for none.</param>
/// <param name="After">The key or common prefix behind which to go on; a common prefix that it lies in is not listed again.</param>
/// <param name="Max">How many keys and common prefixes to list at most.</param>
internal sealed record ListQuery(string Prefix, string? Delimiter, string After, int Max)
{
    /// <summary>What <paramref name="key"/> is listed under; null if it is listed itself.</summary>
    public string? CommonPrefixOf(string key)
    {
        if (Delimiter is null)
            return null;
        var end = key.IndexOf(Delimiter, Prefix.Length, StringComparison.Ordinal);
        return end < 0 ? null : key[..(end + Delimiter.Length)];
    }
}

/// <summary>A page of a listing.</summary>
/// <param name="Items">Those listed themselves, in order.</param>
/// <param name="CommonPrefixes">Those rolled up, in order.</param>
/// <param name="Next">Behind which the next page goes on; null at the end.</param>
internal sealed record Listing<T>(IReadOnlyList<T> Items, IReadOnlyList<string> CommonPrefixes, string? Next);

internal static class Listing
{
    /// <param name="query">What is asked.</param>
    /// <param name="items">All that begin with the prefix, in the order of their keys, from that behind <see cref="ListQuery.After"/> on.</param>
    /// <param name="keyOf">The key of an item.</param>
    /// <param name="skipPast">Tells the source of the items that none with this common prefix are needed any more.</param>
    public static Listing<T> Of<T>(ListQuery query, IEnumerable<T> items, Func<T, string> keyOf, Action<string>? skipPast = null)
    {
        List<T> listed = [];
        List<string> commonPrefixes = [];
        var last = "";
        foreach (var item in items)
        {
            var key = keyOf(item);
            var commonPrefix = query.CommonPrefixOf(key);
            if (commonPrefix is not null && (commonPrefix == last || query.After.StartsWith(commonPrefix, StringComparison.Ordinal)))
                continue;
            if (listed.Count + commonPrefixes.Count >= query.Max)
                return new(listed, commonPrefixes, query.Max > 0 ? last : null);
            if (commonPrefix is null)
                listed.Add(item);
            else
            {
                commonPrefixes.Add(commonPrefix);
                skipPast?.Invoke(commonPrefix);
            }
            last = commonPrefix ?? key;
        }
        return new(listed, commonPrefixes, null);
    }
}
