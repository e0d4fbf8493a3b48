using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CdfProvisioning.Iot;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.Aws.Signing;

/// <summary>
/// Verifies signatures of version 4. Like AWS it refuses a request that is sent again only once its five minutes are
/// over; until then it is the same request, for it cannot have been changed.
/// </summary>
/// <param name="credentials">Those that the server was given.</param>
/// <param name="temporary">Those that it has handed out itself.</param>
/// <param name="clock">The time.</param>
internal sealed class SignatureVerifier(AwsCredentials credentials, TemporaryCredentials temporary, TimeProvider clock)
{
    /// <summary>How far the client's clock may be from ours (AWS General Reference: five minutes).</summary>
    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(5);

    /// <returns>The key of the signature.</returns>
    /// <exception cref="SignatureException">The signature is wrong, or comes too late.</exception>
    public SignatureKey Verify(HttpContext context, RequestSignature signature, string payloadHash)
    {
        var now = clock.GetUtcNow();
        var secret = SecretOf(signature, now);
        CheckTime(signature, now);
        CheckHeaders(context.Request, signature);
        var key = new SignatureKey(secret, signature.Scope);
        var expected = key.Sign(CanonicalRequest.Of(context, signature, payloadHash), signature.DateTime);
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(signature.Signature))
            ? key
            : throw new SignatureException(
                SignatureProblem.Mismatch,
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.");
    }

    /// <summary>
    /// What a header of AWS's says has to be what the signer has said (AWS General Reference: all <c>x-amz-*</c> headers are
    /// to be signed). Three are held against the signature in other ways: the date and the body's hash are part of it, and
    /// some services let the session token be added later.
    /// </summary>
    private static void CheckHeaders(HttpRequest request, RequestSignature signature)
    {
        foreach (var name in request.Headers.Keys.Select(name => name.ToLowerInvariant()))
            if (name.StartsWith("x-amz-", StringComparison.Ordinal)
                && name is not ("x-amz-date" or "x-amz-content-sha256" or "x-amz-security-token")
                && !signature.SignedHeaders.Contains(name))
                throw new SignatureException(
                    SignatureProblem.HeadersNotSigned, $"There were headers present in the request which were not signed: {IotNames.Shown(name)}");
    }

    private string SecretOf(RequestSignature signature, DateTimeOffset now) => signature.AccessKeyId == credentials.AccessKeyId
        ? credentials.SecretAccessKey
        : temporary.SecretOf(signature.AccessKeyId, signature.SessionToken, now);

    private static void CheckTime(RequestSignature signature, DateTimeOffset now)
    {
        var (time, at) = (signature.DateTime, Text(now));
        if (signature.Time - now > MaxSkew)
            throw new SignatureException(SignatureProblem.Skewed, $"Signature not yet current: {time} is still later than {Text(now + MaxSkew)} ({at} + 5 min.)");
        if (signature.Lifetime is { } lifetime)
        {
            if (now > signature.Time + lifetime)
                throw new SignatureException(SignatureProblem.ExpiredLink, "Request has expired");
        }
        else if (now - signature.Time > MaxSkew)
            throw new SignatureException(SignatureProblem.Skewed, $"Signature expired: {time} is now earlier than {Text(now - MaxSkew)} ({at} - 5 min.)");
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(RequestSignature.DateTimeFormat, CultureInfo.InvariantCulture);
}
