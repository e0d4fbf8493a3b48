using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CdfProvisioning.Server.Aws.Signing;

/// <summary>
/// Credentials that STS hands out. Nothing is kept of them: the secret is derived from the access key id and the time of
/// expiry, and the session token says that time, under a code that only this server can make.
/// </summary>
/// <param name="secret">The server's own.</param>
internal sealed class TemporaryCredentials(byte[] secret)
{
    private const string Prefix = "ASIA";
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    public AwsCredentials Create(DateTimeOffset expiry)
    {
        var accessKeyId = Prefix + RandomNumberGenerator.GetString(Letters, 16);
        Span<byte> time = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(time, expiry.ToUnixTimeSeconds());
        return new(accessKeyId, SecretOf(accessKeyId, time), Convert.ToBase64String([.. time, .. Code("token", accessKeyId, time)]));
    }

    /// <exception cref="SignatureException">UnknownKey, WrongToken, ExpiredToken.</exception>
    public string SecretOf(string accessKeyId, string? sessionToken, DateTimeOffset now)
    {
        if (!accessKeyId.StartsWith(Prefix, StringComparison.Ordinal))
            throw new SignatureException(SignatureProblem.UnknownKey, "The security token included in the request is invalid.");
        var token = new byte[sizeof(long) + HMACSHA256.HashSizeInBytes];
        if (!Convert.TryFromBase64String(sessionToken ?? "", token, out var length) || length != token.Length
            || !CryptographicOperations.FixedTimeEquals(token.AsSpan(sizeof(long)), Code("token", accessKeyId, token.AsSpan(0, sizeof(long)))))
            throw new SignatureException(SignatureProblem.WrongToken, "The security token included in the request is invalid.");
        if (DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(token)) <= now)
            throw new SignatureException(SignatureProblem.ExpiredToken, "The security token included in the request is expired");
        return SecretOf(accessKeyId, token.AsSpan(0, sizeof(long)));
    }

    private string SecretOf(string accessKeyId, ReadOnlySpan<byte> time) => Convert.ToBase64String(Code("secret", accessKeyId, time));

    private byte[] Code(string purpose, string accessKeyId, ReadOnlySpan<byte> time) =>
        HMACSHA256.HashData(secret, (byte[])[.. Encoding.UTF8.GetBytes($"{purpose} {accessKeyId} "), .. time]);
}
