using CdfProvisioning.Embedded.Buckets;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>Objects are copied from one key to another.</summary>
internal sealed class CopyOperations(BucketStore buckets)
{
    public const string SourceHeader = "x-amz-copy-source";

    /// <summary>Of one copy; more than that is copied in parts (S3's quotas).</summary>
    private const long MaxSource = 5L * 1024 * 1024 * 1024;

    /// <summary>CopyObject.</summary>
    public async Task CopyAsync(S3Request request)
    {
        var bucket = buckets.Get(request.Bucket);
        ObjectKey.Check(request.Key);
        UnsupportedHeaders.Check(request);
        var condition = WriteConditionHeaders.Of(request);
        var replacesHeaders = request.Header("x-amz-metadata-directive") switch
        {
            null or "COPY" => false,
            "REPLACE" => true,
            _ => throw S3Request.InvalidArgument("x-amz-metadata-directive", "Unknown metadata directive"),
        };
        var (sourceBucket, sourceKey) = SourceOf(request);
        if (!replacesHeaders && sourceBucket == request.Bucket && sourceKey == request.Key)
            throw S3Errors.InvalidRequest.Error(
                "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.");

        await using var source = await OpenSourceAsync(buckets, request);
        if (source.Object.Size > MaxSource)
            throw S3Errors.InvalidRequest.Error($"The specified copy source is larger than the maximum allowable size for a copy source: {MaxSource}");
        var algorithm = ChecksumHeaders.RequestedAlgorithmOf(request) ?? source.Object.Checksum.Algorithm;
        using var content = await bucket.ReceiveAsync([new(source.Content)], [algorithm], request.Cancellation);
        var what = new NewObject(replacesHeaders ? KeptHeaders.Of(request) : source.Object.Headers, Checksum.OfWhole(algorithm, content.Digests));
        var stored = await bucket.PutAsync(request.Key, content, what, condition, request.Cancellation);
        await S3Xml.WriteAsync(request.Context.Response, "CopyObjectResult", xml =>
        {
            xml.ETag(stored.ETag);
            xml.Text("LastModified", stored.LastModified);
            xml.Checksum(stored.Checksum);
            xml.Text("ChecksumType", stored.Checksum.Type);
        });
    }

    /// <summary>Opens the source that the headers name, if it meets their conditions.</summary>
    /// <exception cref="CdfException">NoSuchBucket, NoSuchKey, PreconditionFailed, InvalidArgument.</exception>
    public static async Task<OpenObject> OpenSourceAsync(BucketStore buckets, S3Request request)
    {
        var (bucket, key) = SourceOf(request);
        var source = await buckets.Get(bucket).OpenAsync(key, request.Cancellation);
        try
        {
            ReadCondition.CheckSource(request, source.Object);
            return source;
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    /// <summary>The header is <c>bucket/key</c> or <c>/bucket/key</c>, escaped as in a URL, and may end in <c>?versionId=...</c>.</summary>
    private static (string Bucket, string Key) SourceOf(S3Request request)
    {
        var header = request.Header(SourceHeader)!;
        var parts = header.Split("?versionId=", 2);
        var path = S3Address.Decode(parts[0]);
        path = path.StartsWith('/') ? path[1..] : path;
        if (path.IndexOf('/', StringComparison.Ordinal) is not (> 0 and var slash) || slash == path.Length - 1)
            throw S3Request.InvalidArgument(SourceHeader, $"Invalid copy source object key '{IotNames.Shown(header)}': it has to be /bucket/key");
        if (parts.Length == 2 && parts[1] != "null")
            throw S3Request.InvalidArgument(SourceHeader, "Invalid version id specified, as the bucket has no versions");
        return (path[..slash], path[(slash + 1)..]);
    }
}
