using System.Security.Cryptography;
using System.Text;
using CdfProvisioning.Embedded.Buckets;
using CdfProvisioning.Server.Aws.Signing;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>Verifies the signatures of a body's chunks, each made over the one before it.</summary>
internal sealed class ChunkVerifier(ChunkSigning signing) : IDisposable
{
    private static readonly string EmptyHash = Convert.ToHexStringLower(SHA256.HashData([]));

    private readonly IncrementalHash _chunk = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private string _previous = signing.Signature;

    public void Append(ReadOnlySpan<byte> content) => _chunk.AppendData(content);

    /// <param name="signature">That of the chunk whose content has been appended.</param>
    /// <exception cref="CdfException">SignatureDoesNotMatch.</exception>
    public void CheckChunk(string? signature) =>
        Check(signature, $"AWS4-HMAC-SHA256-PAYLOAD\n{signing.DateTime}\n{signing.Scope}\n{_previous}\n{EmptyHash}\n{Convert.ToHexStringLower(_chunk.GetHashAndReset())}");

    /// <param name="signature">The trailer's.</param>
    /// <param name="trailer">Its lines as <c>name:value</c>, each with a line feed.</param>
    /// <exception cref="CdfException">SignatureDoesNotMatch.</exception>
    public void CheckTrailer(string? signature, string trailer) =>
        Check(signature, $"AWS4-HMAC-SHA256-TRAILER\n{signing.DateTime}\n{signing.Scope}\n{_previous}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(trailer)))}");

    public void Dispose() => _chunk.Dispose();

    private void Check(string? signature, string stringToSign)
    {
        var expected = Convert.ToHexStringLower(HMACSHA256.HashData(signing.SigningKey, Encoding.UTF8.GetBytes(stringToSign)));
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(signature ?? "")))
            throw S3Errors.SignatureDoesNotMatch.Error("The request signature we calculated does not match the signature you provided: that of a chunk of the body is not right.");
        _previous = expected;
    }
}
