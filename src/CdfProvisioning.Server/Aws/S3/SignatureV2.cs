using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CdfProvisioning.Embedded.Buckets;
using CdfProvisioning.Provisioning;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>
/// Links presigned with signature version 2. It is old, but boto3 and the AWS CLI 1 still make their links with it for
/// S3's older regions, us-east-1 among them, unless told otherwise.
/// </summary>
/// <param name="secretOf">The secret of an access key; null if there is no such key. If this itself is null, signatures are not verified.</param>
internal sealed class SignatureV2(Func<string, string?>? secretOf)
{
    private const string AccessKeyParameter = "AWSAccessKeyId";
    private const string SignatureParameter = "Signature";
    private const string ExpiresParameter = "Expires";
    private const string AmzPrefix = "x-amz-";

    private static readonly HashSet<string> SignedParameters = new(StringComparer.Ordinal)
    {
        "acl", "cors", "delete", "lifecycle", "location", "logging", "notification", "partNumber", "policy", "requestPayment", "restore", "tagging",
        "torrent", "uploadId", "uploads", "versionId", "versioning", "versions", "website", "response-cache-control", "response-content-disposition",
        "response-content-encoding", "response-content-language", "response-content-type", "response-expires",
    };

    public static bool IsPresigned(HttpRequest request) =>
        request.Query.ContainsKey(AccessKeyParameter) && request.Query.ContainsKey(SignatureParameter) && request.Query.ContainsKey(ExpiresParameter);

    /// <exception cref="CdfException">AccessDenied: it has expired. InvalidAccessKeyId, SignatureDoesNotMatch.</exception>
    public void Check(HttpContext context)
    {
        var query = context.Request.Query;
        if (!long.TryParse(query[ExpiresParameter], NumberStyles.None, CultureInfo.InvariantCulture, out var expires))
            throw S3Errors.AccessDenied.Error("Access Denied: Expires is not a time in seconds since 1970.");
        if (expires < DateTimeOffset.UtcNow.ToUnixTimeSeconds())
            throw S3Errors.AccessDenied.Error("Request has expired");
        if (secretOf is null)
            return;
        var secret = secretOf(query[AccessKeyParameter].ToString())
            ?? throw S3Errors.InvalidAccessKeyId.Error("The AWS access key ID that you provided does not exist in our records.");
#pragma warning disable CA5350 // Signature version 2 is an HMAC of SHA-1.
        var expected = Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(StringToSign(context))));
#pragma warning restore CA5350
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(query[SignatureParameter].ToString())))
            throw S3Errors.SignatureDoesNotMatch.Error("The request signature we calculated does not match the signature you provided. Check your key and signing method.");
    }

    private static string StringToSign(HttpContext context)
    {
        var request = context.Request;
        var signed = new StringBuilder();
        foreach (var part in new[] { request.Method, Value(request, "content-md5"), Value(request, "content-type"), request.Query[ExpiresParameter].ToString() })
            signed.Append(part).Append('\n');
        foreach (var name in request.Headers.Keys.Concat(request.Query.Keys)
            .Select(name => name.ToLowerInvariant()).Where(name => name.StartsWith(AmzPrefix, StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal))
            signed.Append(name).Append(':').Append(Value(request, name)).Append('\n');

        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (S3Address.BucketOfHost(request.Host.Host) is { } bucket)
            signed.Append('/').Append(bucket);
        signed.Append(S3Address.PathOf(target));
        var separator = '?';
        foreach (var (name, value) in request.Query.Where(parameter => SignedParameters.Contains(parameter.Key)).OrderBy(parameter => parameter.Key, StringComparer.Ordinal))
        {
            signed.Append(separator).Append(name);
            if (value.ToString() is { Length: > 0 } text)
                signed.Append('=').Append(text);
            separator = '&';
        }
        return signed.ToString();
    }

    /// <summary>What would be a header may be a parameter of a link.</summary>
    private static string Value(HttpRequest request, string name) =>
        request.Headers.TryGetValue(name, out var header) ? header.ToString().Trim() : request.Query[name].ToString();
}
