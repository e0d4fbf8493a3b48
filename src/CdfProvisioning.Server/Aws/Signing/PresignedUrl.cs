using System.Globalization;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.Server.Aws.Signing;

/// <summary>A link with which anyone can get an object of S3 for a while.</summary>
internal static class PresignedUrl
{
    public const string UnsignedPayload = "UNSIGNED-PAYLOAD";

    /// <param name="credentials">Those of who hands the link out.</param>
    /// <param name="origin">Scheme, host and port, such as <c>http://127.0.0.1:4566</c>.</param>
    /// <param name="path">The bucket and the key, not encoded: <c>/bucket/key</c>.</param>
    /// <param name="region">The region.</param>
    /// <param name="now">From when the link is valid.</param>
    /// <param name="lifetime">For how long; 7 days at most.</param>
    public static string Create(AwsCredentials credentials, Uri origin, string path, string region, DateTimeOffset now, TimeSpan lifetime)
    {
        var dateTime = now.UtcDateTime.ToString(RequestSignature.DateTimeFormat, CultureInfo.InvariantCulture);
        var scope = new CredentialScope(dateTime[..8], region, "s3");
        var encodedPath = UriEscape.Encode(path, keepsSlash: true);
        (string Name, string Value)[] parameters =
        [
            (RequestSignature.AlgorithmParameter, RequestSignature.Algorithm),
            (RequestSignature.CredentialParameter, $"{credentials.AccessKeyId}/{scope}"),
            (RequestSignature.DateParameter, dateTime),
            (RequestSignature.ExpiresParameter, ((int)lifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
            (RequestSignature.SignedHeadersParameter, "host"),
        ];
        var query = string.Join('&', parameters.Select(p => $"{p.Name}={UriEscape.Encode(p.Value)}"));
        var canonical = $"GET\n{encodedPath}\n{query}\nhost:{origin.Authority}\n\nhost\n{UnsignedPayload}";
        var signature = new SignatureKey(credentials.SecretAccessKey, scope).Sign(canonical, dateTime);
        return $"{origin.GetLeftPart(UriPartial.Authority)}{encodedPath}?{query}&{RequestSignature.SignatureParameter}={signature}";
    }
}
