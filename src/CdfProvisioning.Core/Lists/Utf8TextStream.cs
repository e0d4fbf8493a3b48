using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace CdfProvisioning.Lists;

/// <summary>
/// Gives the text of a list as UTF-8, in whatever encoding it is: that of a byte order mark, the one given, UTF-16 without a mark, or
/// else UTF-8. What is no text is refused, as a file of another kind or with the line and the column of what cannot be read.
/// </summary>
/// <param name="source">The bytes; stays open.</param>
/// <param name="name">What errors call the list.</param>
/// <param name="encoding">The encoding; found out if null.</param>
/// <param name="remedy">What to do about a text in another encoding.</param>
/// <param name="remedyForFiles">What to do about a file of another kind, if it is to be no list.</param>
internal sealed class Utf8TextStream(Stream source, string name, Encoding? encoding, string remedy, string? remedyForFiles = null) : Stream
{
    private const int HeadLength = 512;

    private readonly byte[] _unfinished = new byte[4];
    private ReadOnlyMemory<byte> _head;
    private ReadOnlyMemory<byte> _converted;
    private Decoder? _decoder;
    private byte[] _bytes = [];
    private int _unfinishedLength;
    private long _line = 1;
    private long _column = 1;
    private bool _isBegun;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_isBegun)
            await BeginAsync(cancellationToken);
        if (_decoder is not null)
            return await ConvertAsync(buffer, cancellationToken);
        var read = await ReadSourceAsync(buffer, cancellationToken);
        Check(buffer.Span[..read], isEnd: read == 0);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        var head = new byte[HeadLength];
        var length = await source.ReadAtLeastAsync(head, HeadLength, throwOnEndOfStream: false, cancellationToken);
        _head = head.AsMemory(0, length);
        _isBegun = true;
        if (FileKinds.Of(_head.Span, remedyForFiles) is { } kind)
            throw CdfErrorCode.InvalidRequest.Error($"'{name}' is {kind}");
        var (found, markLength) = Find(_head.Span);
        if (encoding is null || markLength > 0)
            encoding = found;
        _head = _head[markLength..];
        if (encoding.CodePage == Encoding.UTF8.CodePage)
        {
            if (_head.Span.Contains((byte)0))
                throw CdfErrorCode.InvalidRequest.Error($"'{name}' is not a text: a list is CSV, or JSON.");
            return;
        }

        _decoder = encoding.GetDecoder();
        _decoder.Fallback = DecoderFallback.ReplacementFallback;
        _bytes = new byte[16 * 1024];
    }

    private static (Encoding Encoding, int MarkLength) Find(ReadOnlySpan<byte> head) => head switch
    {
        [0xEF, 0xBB, 0xBF, ..] => (Encoding.UTF8, 3),
        [0xFF, 0xFE, 0, 0, ..] => (Encoding.UTF32, 4),
        [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
        [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
        [0, 0, 0xFE, 0xFF, ..] => (new UTF32Encoding(bigEndian: true, byteOrderMark: true), 4),
        [not 0, 0, not 0, 0, ..] => (Encoding.Unicode, 0),
        [0, not 0, 0, not 0, ..] => (Encoding.BigEndianUnicode, 0),
        _ => (Encoding.UTF8, 0),
    };

    private async ValueTask<int> ReadSourceAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_head.IsEmpty)
            return await source.ReadAsync(buffer, cancellationToken);
        var length = Math.Min(buffer.Length, _head.Length);
        _head[..length].CopyTo(buffer);
        _head = _head[length..];
        return length;
    }

    private async ValueTask<int> ConvertAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (_converted.IsEmpty)
        {
            var read = await ReadSourceAsync(_bytes, cancellationToken);
            var text = new char[encoding!.GetMaxCharCount(_bytes.Length) + 1];
            var length = _decoder!.GetChars(_bytes.AsSpan(0, read), text, flush: read == 0);
            var wrong = text.AsSpan(0, length).IndexOf('\uFFFD');
            Count(text.AsSpan(0, wrong < 0 ? length : wrong));
            if (wrong >= 0)
                throw NotText($"what is there is not {encoding.WebName}");
            if (read == 0 && length == 0)
                return 0;
            _converted = Encoding.UTF8.GetBytes(text, 0, length);
        }

        var given = Math.Min(buffer.Length, _converted.Length);
        _converted[..given].CopyTo(buffer);
        _converted = _converted[given..];
        return given;
    }

    private void Check(ReadOnlySpan<byte> bytes, bool isEnd)
    {
        while (_unfinishedLength > 0 && bytes.Length > 0)
        {
            _unfinished[_unfinishedLength++] = bytes[0];
            bytes = bytes[1..];
            var status = Rune.DecodeFromUtf8(_unfinished.AsSpan(0, _unfinishedLength), out var character, out _);
            if (status == System.Buffers.OperationStatus.InvalidData)
                throw NotUtf8(_unfinished[0]);
            if (status != System.Buffers.OperationStatus.Done)
                continue;
            _column += character.Utf16SequenceLength;
            _unfinishedLength = 0;
        }

        if (isEnd && _unfinishedLength > 0)
            throw NotUtf8(_unfinished[0]);
        if (bytes.IsEmpty)
            return;

        var whole = bytes[..WholeCharacters(bytes)];
        if (!Utf8.IsValid(whole))
        {
            var wrong = 0;
            while (Rune.DecodeFromUtf8(whole[wrong..], out _, out var length) == System.Buffers.OperationStatus.Done)
                wrong += length;
            Count(whole[..wrong]);
            throw NotUtf8(whole[wrong]);
        }

        Count(whole);
        bytes[whole.Length..].CopyTo(_unfinished);
        _unfinishedLength = bytes.Length - whole.Length;
    }

    /// <summary>How many bytes there are before a character that goes on in the next block.</summary>
    private static int WholeCharacters(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            var last = bytes[^back];
            if ((last & 0xC0) == 0x80)
                continue;
            var length = last >= 0xF0 ? 4 : last >= 0xE0 ? 3 : last >= 0xC0 ? 2 : 1;
            return length > back ? bytes.Length - back : bytes.Length;
        }

        return bytes.Length;
    }

    private void Count(ReadOnlySpan<byte> bytes)
    {
        var last = bytes.LastIndexOf((byte)'\n');
        if (last >= 0)
        {
            _line += bytes.Count((byte)'\n');
            _column = 1;
        }

        _column += Encoding.UTF8.GetCharCount(bytes[(last + 1)..]);
    }

    private void Count(ReadOnlySpan<char> text)
    {
        var last = text.LastIndexOf('\n');
        if (last >= 0)
        {
            _line += text.Count('\n');
            _column = 1;
        }

        _column += text.Length - last - 1;
    }

    private CdfException NotUtf8(byte first) => NotText($"what is there (byte {first.ToString("X2", CultureInfo.InvariantCulture)}) is not UTF-8");

    private CdfException NotText(string what) =>
        CdfErrorCode.InvalidRequest.Error($"'{name}', line {_line}, column {_column}: {what}. {remedy}");
}
