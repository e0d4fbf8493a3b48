using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using CdfProvisioning.Embedded.Buckets;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>
/// The content of a body in S3's <c>aws-chunked</c> encoding: chunks of <c>size[;chunk-signature=...]</c>, content and line
/// end, the last of size 0, then the trailer. What is wrong with the framing or a signature is thrown while reading.
/// </summary>
/// <param name="body">The body as it is sent.</param>
/// <param name="length">How long the content has to be (<c>x-amz-decoded-content-length</c>).</param>
/// <param name="verifier">Verifies the signatures; null if they are not to be, or there are none.</param>
internal sealed class AwsChunkedStream(PipeReader body, long length, ChunkVerifier? verifier) : Stream
{
    private const int MaxLine = 8 * 1024;
    private const string SignatureExtension = "chunk-signature=";
    private const string TrailerSignature = "x-amz-trailer-signature";

    private readonly Dictionary<string, string> _trailer = new(StringComparer.OrdinalIgnoreCase);
    private long _read;
    private long _leftInChunk;
    private string? _signature;
    private bool _ended;

    /// <summary>The headers behind the content, by name; known once all has been read.</summary>
    public IReadOnlyDictionary<string, string> Trailer => _trailer;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_leftInChunk == 0 && !_ended)
            await BeginChunkAsync(cancellationToken);
        if (_ended || buffer.IsEmpty)
            return 0;
        var result = await body.ReadAsync(cancellationToken);
        var content = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, Math.Min(_leftInChunk, buffer.Length)));
        var read = (int)content.Length;
        content.CopyTo(buffer.Span);
        body.AdvanceTo(content.End);
        if (read == 0 && result.IsCompleted)
            throw Incomplete();
        verifier?.Append(buffer.Span[..read]);
        _read += read;
        _leftInChunk -= read;
        if (_leftInChunk == 0)
            await EndChunkAsync(cancellationToken);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        verifier?.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask BeginChunkAsync(CancellationToken cancellationToken)
    {
        var parts = (await ReadLineAsync(cancellationToken) ?? throw Incomplete()).Split(';', 2);
        if (!long.TryParse(parts[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _leftInChunk) || _leftInChunk < 0)
            throw S3Errors.InvalidRequest.Error($"The body is not aws-chunked: '{CdfProvisioning.Iot.IotNames.Shown(parts[0])}' stands where the size of a chunk belongs.");
        _signature = parts.Length == 2 && parts[1].StartsWith(SignatureExtension, StringComparison.Ordinal) ? parts[1][SignatureExtension.Length..] : null;
        if (_leftInChunk > length - _read)
            throw Incomplete();
        if (_leftInChunk == 0)
            await EndAsync(cancellationToken);
    }

    private async ValueTask EndChunkAsync(CancellationToken cancellationToken)
    {
        verifier?.CheckChunk(_signature);
        if (await ReadLineAsync(cancellationToken) is not "")
            throw Incomplete();
    }

    private async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        if (_read != length)
            throw Incomplete();
        verifier?.CheckChunk(_signature);
        await ReadTrailerAsync(cancellationToken);
        _ended = true;
    }

    /// <summary>It ends in an empty line, but some clients put one before it too.</summary>
    private async ValueTask ReadTrailerAsync(CancellationToken cancellationToken)
    {
        var signed = new StringBuilder();
        while (await ReadLineAsync(cancellationToken) is { } line && (line.Length > 0 || _trailer.Count == 0))
        {
            if (line.Length == 0)
                continue;
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
                throw S3Errors.MalformedTrailer.Error("The request contained trailing data that was not well-formed or did not conform to our published schema.");
            var (name, value) = (line[..colon].Trim().ToLowerInvariant(), line[(colon + 1)..].Trim());
            _trailer[name] = value;
            if (name != TrailerSignature)
                signed.Append(name).Append(':').Append(value).Append('\n');
        }
        if (signed.Length > 0)
            verifier?.CheckTrailer(_trailer.GetValueOrDefault(TrailerSignature), signed.ToString());
    }

    /// <returns>The next line without its end; null if the body is at its end.</returns>
    private async ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await body.ReadAsync(cancellationToken);
            if (result.Buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = Encoding.UTF8.GetString(result.Buffer.Slice(0, end)).TrimEnd('\r');
                body.AdvanceTo(result.Buffer.GetPosition(1, end));
                return line;
            }
            if (result.IsCompleted)
            {
                body.AdvanceTo(result.Buffer.End);
                return result.Buffer.IsEmpty ? null : throw Incomplete();
            }
            var isTooLong = result.Buffer.Length > MaxLine;
            body.AdvanceTo(result.Buffer.Start, result.Buffer.End); // before it is refused, so that Kestrel can read the rest
            if (isTooLong)
                throw S3Errors.InvalidRequest.Error($"The body is not aws-chunked: it has a line of more than {MaxLine} bytes.");
        }
    }

    private CdfException Incomplete() => S3Errors.IncompleteBody.Error(
        $"The request body terminated unexpectedly, or is not the {length} bytes that the header x-amz-decoded-content-length announces.");
}
