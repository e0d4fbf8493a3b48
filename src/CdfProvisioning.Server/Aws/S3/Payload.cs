using System.Buffers.Text;
using System.Globalization;
using System.Xml.Linq;
using CdfProvisioning.Embedded.Buckets;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>The body of a request: its content, free of the encoding it travels in, and what its headers say that has to be true of it.</summary>
internal sealed class Payload : IDisposable
{
    private const string Unsigned = "UNSIGNED-PAYLOAD";
    private const string Streaming = "STREAMING-";
    private const string StreamingUnsigned = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    private const string StreamingSigned = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    private const string TrailerSuffix = "-TRAILER";

    /// <summary>Of one PUT, and of one part (S3's quotas).</summary>
    private const long MaxContent = 5L * 1024 * 1024 * 1024;

    /// <summary>The longest is a deletion of 1,000 keys of 1,024 bytes, each of them escaped.</summary>
    private const int MaxXml = 8 * 1024 * 1024;

    private readonly S3Request _request;
    private readonly AwsChunkedStream? _chunked;
    private readonly string? _sha256;
    private readonly byte[]? _md5;
    private readonly bool _inTrailer;

    /// <param name="request">The request.</param>
    /// <param name="hasOwnChecksum">False if the checksum headers are of something else than the body.</param>
    /// <exception cref="CdfException">InvalidArgument, InvalidDigest, InvalidRequest, MissingContentLength, EntityTooLarge: the headers cannot be met.</exception>
    public Payload(S3Request request, bool hasOwnChecksum = true)
    {
        _request = request;
        _sha256 = Sha256Of(request);
        _md5 = Md5Of(request);
        Content = request.Context.Request.Body;
        var length = request.Context.Request.ContentLength;
        if (_sha256?.StartsWith(Streaming, StringComparison.Ordinal) == true)
        {
            length = long.TryParse(request.Header("x-amz-decoded-content-length"), NumberStyles.None, CultureInfo.InvariantCulture, out var decoded)
                ? decoded
                : throw MissingContentLength("x-amz-decoded-content-length");
            var verifier = _sha256 != StreamingUnsigned && request.ChunkSigning is { } signing ? new ChunkVerifier(signing) : null;
            Content = _chunked = new AwsChunkedStream(request.Context.Request.BodyReader, decoded, verifier);
        }
        Length = length ?? throw MissingContentLength("Content-Length");
        if (Length > MaxContent)
            throw S3Errors.EntityTooLarge.Error($"Your proposed upload exceeds the maximum allowed size: {Length} bytes are more than {MaxContent}. Upload it in parts.");
        if (hasOwnChecksum)
        {
            var inHeader = ChecksumHeaders.AlgorithmOf(request);
            Algorithm = inHeader ?? ChecksumHeaders.TrailerAlgorithmOf(request);
            _inTrailer = inHeader is null;
        }
    }

    public Stream Content { get; }

    public long Length { get; }

    /// <summary>The algorithm of the client's own checksum; null if it gives none.</summary>
    public ChecksumAlgorithm? Algorithm { get; }

    /// <summary>Whether the content is protected by a digest of the client's.</summary>
    public bool HasDigest => _md5 is not null || Algorithm is not null;

    /// <summary>Whether the hash of the body itself was signed.</summary>
    private bool IsSigned => _chunked is null && _sha256 is not null and not Unsigned;

    /// <summary>What <see cref="Check"/> needs, and the one that is to be kept.</summary>
    public IEnumerable<ChecksumAlgorithm> AlgorithmsAnd(ChecksumAlgorithm kept) => IsSigned ? [kept, ChecksumAlgorithm.SHA256] : [kept];

    /// <summary>Holds the digests of what was received against those that the client gave.</summary>
    /// <exception cref="CdfException">IncompleteBody, BadDigest, InvalidRequest, MalformedTrailerError, XAmzContentSHA256Mismatch.</exception>
    public void Check(ContentDigests digests)
    {
        if (IsSigned && _sha256 != Convert.ToHexStringLower(digests.Checksums[ChecksumAlgorithm.SHA256]))
            throw S3Errors.XAmzContentSha256Mismatch.Error("The provided 'x-amz-content-sha256' header does not match what was computed.");
        if (_md5 is not null && !_md5.AsSpan().SequenceEqual(digests.Md5))
            throw S3Errors.BadDigest.Error("The Content-MD5 you specified did not match what we received.");
        if (Algorithm is { } algorithm)
            ChecksumHeaders.Check(algorithm, GivenChecksum(algorithm), digests);
    }

    /// <summary>Reads and checks an XML document.</summary>
    /// <exception cref="CdfException">MalformedXML, MaxMessageLengthExceeded; what <see cref="Check"/> throws.</exception>
    public async Task<XElement> ReadXmlAsync()
    {
        if (Length > MaxXml)
            throw S3Errors.MaxMessageLengthExceeded.Error($"Your request was too large: {Length} bytes are more than {MaxXml}.");
        using var document = new MemoryStream();
        await Content.CopyToAsync(document, _request.Cancellation);
        using var hasher = new ContentHasher(AlgorithmsAnd(Algorithm ?? ChecksumAlgorithm.CRC64NVME));
        hasher.Append(document.GetBuffer().AsSpan(0, (int)document.Length));
        Check(hasher.Finish());
        document.Position = 0;
        return S3Xml.Read(document, _request.Cancellation);
    }

    public void Dispose() => _chunked?.Dispose();

    private string GivenChecksum(ChecksumAlgorithm algorithm) =>
        (_inTrailer ? _chunked?.Trailer.GetValueOrDefault(ChecksumHeaders.NameOf(algorithm)) : _request.Header(ChecksumHeaders.NameOf(algorithm)))
        ?? throw S3Errors.MalformedTrailer.Error($"The trailer does not have the '{ChecksumHeaders.NameOf(algorithm)}' that the header x-amz-trailer announces.");

    private static string? Sha256Of(S3Request request)
    {
        var given = request.Header("x-amz-content-sha256");
        return given switch
        {
            null or Unsigned or StreamingUnsigned or StreamingSigned or StreamingSigned + TrailerSuffix => given,
            { Length: 64 } when given.All(char.IsAsciiHexDigitLower) => given,
            _ when given.StartsWith(Streaming, StringComparison.Ordinal) => throw S3Errors.NotImplemented.Error($"A header you provided implies functionality that is not implemented: x-amz-content-sha256 '{given}'."),
            _ => throw S3Request.InvalidArgument("x-amz-content-sha256", "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-..., or a valid sha256 value"),
        };
    }

    private static byte[]? Md5Of(S3Request request)
    {
        if (request.Header("Content-MD5") is not { } given)
            return null;
        return Base64.IsValid(given, out var length) && length == 16
            ? Convert.FromBase64String(given)
            : throw S3Errors.InvalidDigest.Error("The Content-MD5 you specified was invalid.");
    }

    private static CdfException MissingContentLength(string header) => S3Errors.MissingContentLength.Error($"You must provide the {header} HTTP header.");
}
