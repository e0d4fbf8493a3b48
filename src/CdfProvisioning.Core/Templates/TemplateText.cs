namespace CdfProvisioning.Templates;

/// <summary>A template's UTF-8 text: turns an offset into line and column (in characters, from 1) when a problem is told.</summary>
internal sealed class TemplateText(byte[] utf8)
{
    private const int BlockSize = 1024;

    private Index? _index;

    public byte[] Utf8 => utf8;

    public (int Line, int Column) Locate(int offset)
    {
        _index ??= Index.Of(utf8);
        var line = _index.LineStarts.BinarySearch(offset);
        if (line < 0)
            line = ~line - 1;
        return (line + 1, CharactersBefore(offset) - CharactersBefore(_index.LineStarts[line]) + 1);
    }

    /// <summary>The same for a line (from 0) and an offset in it, as a JsonException has them.</summary>
    public (int Line, int Column) Locate(long line, long offsetInLine)
    {
        _index ??= Index.Of(utf8);
        var start = line < _index.LineStarts.Count ? _index.LineStarts[(int)line] : utf8.Length;
        return Locate((int)Math.Min(start + offsetInLine, utf8.Length));
    }

    private int CharactersBefore(int offset) =>
        _index!.CharactersBeforeBlock[offset / BlockSize] + Count(utf8.AsSpan(offset / BlockSize * BlockSize, offset % BlockSize));

    private static int Count(ReadOnlySpan<byte> part)
    {
        var count = 0;
        foreach (var b in part)
            if ((b & 0xC0) != 0x80)
                count++;
        return count;
    }

    private sealed record Index(List<int> LineStarts, int[] CharactersBeforeBlock)
    {
        public static Index Of(byte[] utf8)
        {
            var lineStarts = new List<int> { 0 };
            for (int i = 0, end; (end = utf8.AsSpan(i).IndexOf((byte)'\n')) >= 0; i += end + 1)
                lineStarts.Add(i + end + 1);

            var before = new int[(utf8.Length / BlockSize) + 1];
            for (var i = 1; i < before.Length; i++)
                before[i] = before[i - 1] + Count(utf8.AsSpan((i - 1) * BlockSize, BlockSize));
            return new(lineStarts, before);
        }
    }
}
