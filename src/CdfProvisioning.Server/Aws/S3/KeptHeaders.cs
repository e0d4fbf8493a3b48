using System.Text;
using CdfProvisioning.Embedded.Buckets;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>The headers that are kept with an object and come back with it: <c>Content-Type</c> and its like, and <c>x-amz-meta-*</c>.</summary>
internal static class KeptHeaders
{
    private const string ContentType = "Content-Type";
    private const string ContentEncoding = "Content-Encoding";
    private const string DefaultContentType = "binary/octet-stream";
    private const string AwsChunked = "aws-chunked";
    private const string MetadataPrefix = "x-amz-meta-";

    /// <summary>Of all names and values of metadata together, in bytes.</summary>
    private const int MaxMetadata = 2 * 1024;

    private static readonly string[] Standard = ["Cache-Control", "Content-Disposition", ContentEncoding, "Content-Language", ContentType, "Expires"];

    /// <exception cref="CdfException">MetadataTooLarge; InvalidArgument: a header could not come back.</exception>
    public static Dictionary<string, string> Of(S3Request request)
    {
        var kept = new Dictionary<string, string>();
        foreach (var name in Standard)
            if (request.Header(name) is { } value && Value(name, value) is { } toKeep)
                kept.Add(name, Sendable(name, toKeep));
        var size = 0;
        foreach (var (name, value) in request.Context.Request.Headers)
            if (name.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase))
            {
                kept[name.ToLowerInvariant()] = Sendable(name, value.ToString());
                size += name.Length - MetadataPrefix.Length + Encoding.UTF8.GetByteCount(value.ToString());
            }
        return size <= MaxMetadata
            ? kept
            : throw S3Errors.MetadataTooLarge.Error($"Your metadata headers exceed the maximum allowed metadata size: {size} bytes are more than {MaxMetadata}.");
    }

    /// <summary>Writes an object's headers, and those that the query wants in their place (<c>response-content-type</c>, ...).</summary>
    public static void Write(S3Request request, IReadOnlyDictionary<string, string> kept)
    {
        var headers = request.Context.Response.Headers;
        headers[ContentType] = DefaultContentType;
        foreach (var (name, value) in kept)
            headers[name] = Encoded(value);
        foreach (var name in Standard)
            if (request.Query("response-" + name.ToLowerInvariant()) is { Length: > 0 } instead)
                headers[name] = Ascii.IsValid(instead) ? Sendable("response-" + name.ToLowerInvariant(), instead)
                    : throw NotSendable("response-" + name.ToLowerInvariant());
    }

    /// <summary>The encoding that the content only travelled in is none of the object's.</summary>
    private static string? Value(string name, string value)
    {
        if (name != ContentEncoding)
            return value;
        var encodings = value.Split(',', StringSplitOptions.TrimEntries).Where(encoding => encoding != AwsChunked);
        return string.Join(',', encodings) is { Length: > 0 } own ? own : null;
    }

    /// <summary>An answer's headers may have no control characters.</summary>
    private static string Sendable(string name, string value) => value.Any(char.IsControl) ? throw NotSendable(name) : value;

    private static CdfException NotSendable(string name) => S3Request.InvalidArgument(name, "Header value cannot be sent as it is");

    /// <summary>Headers are ASCII; S3 sends other text as RFC 2047 says.</summary>
    private static string Encoded(string value) => Ascii.IsValid(value) ? value : $"=?UTF-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(value))}?=";
}
