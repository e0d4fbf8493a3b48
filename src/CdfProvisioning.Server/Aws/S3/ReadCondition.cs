using System.Globalization;
using CdfProvisioning.Embedded.Buckets;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>The conditions of a request that reads an object (RFC 9110, section 13.2.2).</summary>
internal static class ReadCondition
{
    private const string CopySourcePrefix = "x-amz-copy-source-";

    /// <summary>Whether the client has the object as it is already, and needs no more than to be told so.</summary>
    /// <exception cref="CdfException">PreconditionFailed: the object is not as the client wants it.</exception>
    public static bool IsNotModified(S3Request request, StoredObject stored)
    {
        CheckWanted(request, stored, "");
        return IsKnown(request, stored, "");
    }

    /// <summary>The conditions that a copy has of its source.</summary>
    /// <exception cref="CdfException">PreconditionFailed.</exception>
    public static void CheckSource(S3Request request, StoredObject stored)
    {
        CheckWanted(request, stored, CopySourcePrefix);
        if (IsKnown(request, stored, CopySourcePrefix))
            throw Failed($"{CopySourcePrefix}If-None-Match, {CopySourcePrefix}If-Modified-Since");
    }

    private static void CheckWanted(S3Request request, StoredObject stored, string prefix)
    {
        if (request.Header(prefix + "If-Match") is { } wanted)
        {
            if (!Matches(wanted, stored))
                throw Failed(prefix + "If-Match");
        }
        else if (Time(request, prefix + "If-Unmodified-Since") is { } since && WholeSeconds(stored) > since)
            throw Failed(prefix + "If-Unmodified-Since");
    }

    private static bool IsKnown(S3Request request, StoredObject stored, string prefix) =>
        request.Header(prefix + "If-None-Match") is { } known
            ? Matches(known, stored)
            : Time(request, prefix + "If-Modified-Since") is { } since && WholeSeconds(stored) <= since && since <= DateTimeOffset.UtcNow;

    private static bool Matches(string tags, StoredObject stored) =>
        tags.Split(',', StringSplitOptions.TrimEntries).Any(tag => tag == "*" || ETag.Unquoted(tag) == stored.ETag);

    /// <summary>A time that cannot be read is as good as none.</summary>
    private static DateTimeOffset? Time(S3Request request, string header) =>
        DateTimeOffset.TryParse(request.Header(header), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>The headers have whole seconds.</summary>
    private static DateTimeOffset WholeSeconds(StoredObject stored) => DateTimeOffset.FromUnixTimeSeconds(new DateTimeOffset(stored.LastModified).ToUnixTimeSeconds());

    private static CdfException Failed(string condition) => S3Errors.PreconditionFailed.Error($"At least one of the pre-conditions you specified did not hold: {condition}.");
}
