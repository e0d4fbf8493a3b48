namespace CdfProvisioning.Embedded.Buckets;

/// <summary>The order of S3's listings: that of the keys' UTF-8 bytes, which is not that of UTF-16.</summary>
internal sealed class Utf8Order : IComparer<string>
{
    /// <summary>Text that begins like another and goes on with this comes after all valid text that begins like that other.</summary>
    public const char Last = '\uDFFF';

    public static readonly Utf8Order Instance = new();

    public int Compare(string? x, string? y)
    {
        var same = x.AsSpan().CommonPrefixLength(y);
        if (same == x?.Length || same == y?.Length)
            return (x?.Length ?? 0) - (y?.Length ?? 0);
        var (a, b) = (x![same], y![same]);
        return char.IsSurrogate(a) == char.IsSurrogate(b) ? a - b : char.IsSurrogate(a) ? 1 : -1;
    }
}
