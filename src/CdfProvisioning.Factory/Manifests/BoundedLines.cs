using System.Text;

namespace CdfProvisioning.Factory.Manifests;

/// <summary>The lines of a text, of which none takes more memory than an item may.</summary>
internal sealed class BoundedLines(Stream stream) : IDisposable
{
    private readonly StreamReader _reader = new(stream, leaveOpen: true);
    private readonly char[] _buffer = new char[16 * 1024];
    private int _start;
    private int _end;

    public readonly record struct Line(string Text, bool IsCut);

    public async ValueTask<Line?> ReadAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var isCut = false;
        for (var any = false; ; any = true)
        {
            if (_start == _end)
            {
                (_start, _end) = (0, await _reader.ReadAsync(_buffer.AsMemory(), cancellationToken));
                if (_end == 0)
                    return any ? new Line(text.ToString(), isCut) : null;
            }
            var chunk = _buffer.AsMemory(_start, _end - _start);
            var length = chunk.Span.IndexOf('\n');
            var part = length < 0 ? chunk : chunk[..length];
            isCut |= text.Length + part.Length > ManifestReader.MaxItemLength;
            if (!isCut)
                text.Append(part);
            _start += length < 0 ? chunk.Length : length + 1;
            if (length >= 0)
                return new Line(isCut ? "-" : text.ToString(), isCut);
        }
    }

    public void Dispose() => _reader.Dispose();
}
