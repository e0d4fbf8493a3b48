using System.Net;
using System.Text;
using CdfProvisioning.Embedded.Buckets;
using CdfProvisioning.Iot;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>
/// The bucket and key that a request is about, either null: <c>/bucket/key</c> (path style), or <c>/key</c> at a host
/// <c>bucket.s3.anything</c> or <c>bucket.localhost</c> (virtual-host style).
/// </summary>
internal readonly record struct S3Address(string? Bucket, string? Key)
{
    private const string LocalDomain = ".localhost";
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Reads the path as it was sent: the host's own has its dot segments resolved and loses the difference between
    /// <c>/</c> and <c>%2F</c>, and both may be part of a key.
    /// </summary>
    /// <exception cref="CdfException">InvalidURI.</exception>
    public static S3Address Of(HttpContext context)
    {
        var sent = PathOf(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        var path = Decode(sent.Replace("+", "%2B", StringComparison.Ordinal))[1..];
        if (BucketOfHost(context.Request.Host.Host) is { } bucket)
            return new(bucket, NullIfEmpty(path));
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? new(NullIfEmpty(path), null) : new(path[..slash], NullIfEmpty(path[(slash + 1)..]));
    }

    /// <returns>Null if the host is none of a bucket.</returns>
    public static string? BucketOfHost(string host)
    {
        host = host.ToLowerInvariant();
        var s3 = Math.Max(host.LastIndexOf(".s3.", StringComparison.Ordinal), host.LastIndexOf(".s3-", StringComparison.Ordinal));
        if (s3 > 0)
            return host[..s3];
        return host.EndsWith(LocalDomain, StringComparison.Ordinal) && !host.StartsWith("s3.", StringComparison.Ordinal)
            ? NullIfEmpty(host[..^LocalDomain.Length])
            : null;
    }

    /// <summary>The path of a request's target, which may be a whole URI, as it was sent.</summary>
    public static string PathOf(string target)
    {
        var path = target.Split('?', 2)[0];
        var host = path.IndexOf("://", StringComparison.Ordinal);
        var slash = path.StartsWith('/') ? 0 : host < 0 ? -1 : path.IndexOf('/', host + "://".Length);
        return slash < 0 ? "/" : path[slash..];
    }

    /// <summary>Decodes percent escapes, and plus signs to spaces.</summary>
    /// <exception cref="CdfException">InvalidURI.</exception>
    public static string Decode(string encoded)
    {
        try
        {
            var bytes = Encoding.UTF8.GetBytes(encoded);
            return StrictUtf8.GetString(WebUtility.UrlDecodeToBytes(bytes, 0, bytes.Length));
        }
        catch (ArgumentException e)
        {
            throw S3Errors.InvalidUri.Error($"Couldn't parse the specified URI: '{IotNames.Shown(encoded)}' is not UTF-8.", e);
        }
    }

    private static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;
}
