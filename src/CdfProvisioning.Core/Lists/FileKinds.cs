namespace CdfProvisioning.Lists;

/// <summary>Knows by their first bytes the kinds of files that people take for lists.</summary>
internal static class FileKinds
{
    private const string Unpack = "unpack it first.";
    private const string List = "a list is CSV, or JSON.";
    private const string SaveAsCsv = "save it as CSV UTF-8, and give that file.";

    private static readonly (byte[] Start, string Kind, string Remedy)[] Kinds =
    [
        ("PK\x3\x4"u8.ToArray(), "a workbook (.xlsx) or a ZIP archive", SaveAsCsv),
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "a workbook (.xls)", SaveAsCsv),
        ("%PDF"u8.ToArray(), "a PDF", List),
        ([0x1F, 0x8B], "compressed (gzip)", Unpack),
        ([.. "7z"u8, 0xBC, 0xAF], "a 7z archive", Unpack),
        ([0x28, 0xB5, 0x2F, 0xFD], "compressed (Zstandard)", Unpack),
        ([0xFD, .. "7zXZ"u8], "compressed (xz)", Unpack),
        ("BZh"u8.ToArray(), "compressed (bzip2)", Unpack),
        ("Rar!"u8.ToArray(), "a RAR archive", Unpack),
        ("SQLite format 3"u8.ToArray(), "an SQLite database", List),
        ("PAR1"u8.ToArray(), "a Parquet file", List),
        ([0x89, .. "PNG"u8], "a picture", List),
        ([0xFF, 0xD8, 0xFF], "a picture", List),
    ];

    private static readonly byte[] BeforeText = [0xEF, 0xBB, 0xBF, 0xFE, 0xFF, 0, .. " \t\r\n"u8];

    /// <param name="head">What the file begins with.</param>
    /// <param name="remedy">What to do about another kind, if the file is to be no list.</param>
    /// <returns>What the file is and what to do, to end a sentence with; null if it may be text.</returns>
    public static string? Of(ReadOnlySpan<byte> head, string? remedy)
    {
        foreach (var (start, kind, ofLists) in Kinds)
            if (head.StartsWith(start))
                return $"{kind}: {remedy ?? ofLists}";
        return head.TrimStart(BeforeText) is [(byte)'<', ..] ? $"XML or a web page: {remedy ?? List}" : null;
    }
}
