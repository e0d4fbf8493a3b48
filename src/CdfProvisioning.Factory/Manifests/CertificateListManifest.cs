using System.Runtime.CompilerServices;

namespace CdfProvisioning.Factory.Manifests;

/// <summary>One certificate a line, leaf or chain: the base64 of PEM text or of DER.</summary>
internal static class CertificateListManifest
{
    public static async IAsyncEnumerable<ManifestItem> ReadAsync(Stream stream, string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var lines = new BoundedLines(stream);
        for (var number = 1L; await lines.ReadAsync(cancellationToken) is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line.Text))
                yield return ManifestItem.Read($"'{name}', line {number}", () => Read(line));
        }
    }

    private static (IReadOnlyDictionary<string, string>, CertificateChain) Read(BoundedLines.Line line)
    {
        if (line.IsCut)
            throw ManifestItem.Invalid($"It is longer than {ManifestReader.MaxItemLength} characters: no certificate is.");
        return (new Dictionary<string, string>(), CertificateChain.FromText(line.Text));
    }

    /// <summary>The lines of a text, of which none takes more memory than an item may.</summary>
    private sealed class BoundedLines(Stream stream) : IDisposable
    {
        private readonly StreamReader _reader = new(stream, leaveOpen: true);
        private readonly char[] _buffer = new char[16 * 1024];
        private int _start;
        private int _end;

        public readonly record struct Line(string Text, bool IsCut);

        public async ValueTask<Line?> ReadAsync(CancellationToken cancellationToken)
        {
            var text = new System.Text.StringBuilder();
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
}
