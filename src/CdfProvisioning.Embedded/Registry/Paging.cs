using System.Buffers.Binary;
using System.Text;
using CdfProvisioning.Iot;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>
/// A page of a listing, in the order in which things were made. A token names the last item of the page before, so a page
/// neither repeats nor skips what is there when resources come and go between the calls.
/// </summary>
internal sealed class Paging
{
    /// <summary>Of the registry's listings; AWS documents no default for them.</summary>
    private const int DefaultSize = 250;

    /// <summary>Of certificates, CAs and policies (AWS IoT API Reference, pageSize).</summary>
    private const int DefaultMarkedSize = 25;

    private readonly string _listing;
    private readonly bool _ascending;

    private Paging(string listing, string? token, int size, bool ascending, string member)
    {
        _listing = listing;
        _ascending = ascending;
        Size = size;
        After = token is null ? (ascending ? 0 : long.MaxValue) : Decode(token, member);
    }

    public int Size { get; }

    /// <summary>The key of the last item before the page.</summary>
    public long After { get; }

    /// <param name="listing">What is listed: a token of one listing is refused by another.</param>
    /// <param name="nextToken">As a page returned it.</param>
    /// <param name="maxResults">1 to 250; 250 if not given.</param>
    public static Paging ByToken(string listing, string? nextToken, int? maxResults) =>
        new(listing, nextToken, maxResults ?? DefaultSize, ascending: true, "nextToken");

    /// <inheritdoc cref="ByToken"/>
    public static Paging ByMarker(string listing, string? marker, int? pageSize, bool? ascendingOrder) =>
        new(listing, marker, pageSize ?? DefaultMarkedSize, ascendingOrder ?? false, "marker");

    /// <summary>Reads a page.</summary>
    /// <param name="session">The session to read with.</param>
    /// <param name="select">What is listed.</param>
    /// <param name="map">Maps a row.</param>
    /// <param name="values">The values of <c>$1</c> and so on.</param>
    public (IReadOnlyList<T> Items, string? NextToken) Read<T>(Session session, PagedSelect select, Func<Row, T> map, params ReadOnlySpan<object?> values) => Page(session.Query(
        _ascending ? select.Ascending(values.Length) : select.Descending(values.Length), row => (Key: row.Int64(0), Item: map(row)), [.. values, After, Size + 1]));

    /// <summary>Makes a page of up to <see cref="Size"/> + 1 items: one more than the page shows that another follows.</summary>
    public (IReadOnlyList<T> Items, string? NextToken) Page<T>(IReadOnlyList<(long Key, T Item)> rows)
    {
        var items = new T[Math.Min(rows.Count, Size)];
        for (var i = 0; i < items.Length; i++)
            items[i] = rows[i].Item;
        return (items, rows.Count > Size ? Encode(rows[Size - 1].Key) : null);
    }

    private string Encode(long key)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, key);
        return Convert.ToBase64String([.. bytes, .. Encoding.ASCII.GetBytes(_listing)]);
    }

    private long Decode(string token, string member)
    {
        var bytes = new byte[sizeof(long) + _listing.Length];
        return Convert.TryFromBase64String(token, bytes, out var length) && length == bytes.Length
            && bytes.AsSpan(sizeof(long)).SequenceEqual(Encoding.ASCII.GetBytes(_listing))
            ? BinaryPrimitives.ReadInt64BigEndian(bytes)
            : throw IotErrorType.InvalidRequest.Error($"'{IotNames.Shown(token)}' is not a {member} of this listing: give it as the page before returned it.");
    }
}

/// <summary>What is listed in pages. One that is asked for with every device is made once, its text included.</summary>
/// <param name="sql">A SELECT with a WHERE clause and nothing after it; its column 0 is <paramref name="key"/>.</param>
/// <param name="key">The integer by which the listing is in order.</param>
internal sealed class PagedSelect(string sql, string key)
{
    private string? _ascending;
    private string? _descending;

    /// <summary>SQLite compiles a statement anew each time that a bare variable after LIMIT is bound, hence the sum.</summary>
    public string Ascending(int values) => _ascending ??= $"{sql} AND {key} > ${values + 1} ORDER BY {key} LIMIT ${values + 2} + 0";

    public string Descending(int values) => _descending ??= $"{sql} AND {key} < ${values + 1} ORDER BY {key} DESC LIMIT ${values + 2} + 0";
}
