namespace CdfProvisioning.Templates;

/// <summary>Turns offsets in UTF-8 text, asked for in ascending order, into lines and columns (in characters, from 1).</summary>
internal sealed class TextCursor(byte[] utf8)
{
    private int _offset;
    private int _line = 1;
    private int _column = 1;

    public (int Line, int Column) MoveTo(int offset)
    {
        for (; _offset < offset; _offset++)
        {
            if (utf8[_offset] == '\n')
                (_line, _column) = (_line + 1, 1);
            else if ((utf8[_offset] & 0xC0) != 0x80)
                _column++;
        }

        return (_line, _column);
    }

    /// <summary>The same for a line (from 0) and an offset in it, as a JsonException has them.</summary>
    public static (int Line, int Column) Locate(byte[] utf8, long line, long offsetInLine)
    {
        long start = 0;
        for (; line > 0 && start < utf8.Length; start++)
        {
            if (utf8[start] == '\n')
                line--;
        }

        return new TextCursor(utf8).MoveTo((int)Math.Min(start + offsetInLine, utf8.Length));
    }
}
