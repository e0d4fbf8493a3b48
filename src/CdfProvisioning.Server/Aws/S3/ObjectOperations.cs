using System.Globalization;
using System.Xml.Linq;
using CdfProvisioning.Embedded.Buckets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>Objects are put, got and deleted.</summary>
internal sealed class ObjectOperations(BucketStore buckets)
{
    private const int MaxDeletions = 1000;
    private const int BufferSize = 128 * 1024;

    /// <summary>PutObject.</summary>
    public async Task PutAsync(S3Request request)
    {
        var bucket = buckets.Get(request.Bucket);
        ObjectKey.Check(request.Key);
        UnsupportedHeaders.Check(request);
        var condition = WriteConditionHeaders.Of(request);
        var headers = KeptHeaders.Of(request);
        using var payload = new Payload(request);
        var algorithm = payload.Algorithm ?? ChecksumAlgorithm.CRC64NVME;
        using var content = await bucket.ReceiveAsync([new(payload.Content)], payload.AlgorithmsAnd(algorithm), request.Cancellation);
        payload.Check(content.Digests);
        var stored = await bucket.PutAsync(request.Key, content, new(headers, Checksum.OfWhole(algorithm, content.Digests)), condition, request.Cancellation);
        request.Context.Response.Headers.ETag = ETag.Quoted(stored.ETag);
        ChecksumHeaders.Write(request.Context.Response, stored.Checksum);
    }

    /// <summary>GetObject.</summary>
    public Task GetAsync(S3Request request) => SendAsync(request, withContent: true);

    /// <summary>HeadObject.</summary>
    public Task HeadAsync(S3Request request) => SendAsync(request, withContent: false);

    /// <summary>DeleteObject.</summary>
    public async Task DeleteAsync(S3Request request)
    {
        var bucket = buckets.Get(request.Bucket);
        UnsupportedHeaders.Check(request);
        await bucket.DeleteAsync(request.Key, WriteConditionHeaders.Of(request), request.Cancellation);
        request.Context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>DeleteObjects.</summary>
    public async Task DeleteManyAsync(S3Request request)
    {
        var bucket = buckets.Get(request.Bucket);
        UnsupportedHeaders.Check(request);
        using var payload = new Payload(request);
        if (!payload.HasDigest)
            throw S3Errors.InvalidRequest.Error("Missing required header for this request: Content-MD5 or x-amz-checksum-*.");
        var document = await payload.ReadXmlAsync();
        var deletions = document.All("Object").ToList();
        if (deletions.Count is 0 or > MaxDeletions)
            throw S3Xml.Malformed();

        var isQuiet = document.Text("Quiet") == "true";
        List<(string Key, CdfException? Error)> results = [];
        foreach (var deletion in deletions)
        {
            var key = deletion.Text("Key") ?? throw S3Xml.Malformed();
            results.Add((key, await TryDeleteAsync(bucket, key, deletion, request.Cancellation)));
        }
        await S3Xml.WriteAsync(request.Context.Response, "DeleteResult", xml =>
        {
            foreach (var (key, error) in results)
                if (error is not null)
                    xml.Element("Error", () =>
                    {
                        xml.Text("Key", key);
                        xml.Text("Code", error.ErrorTypeName);
                        xml.Text("Message", PublicText.Of(error.Message));
                    });
                else if (!isQuiet)
                    xml.Element("Deleted", () => xml.Text("Key", key));
        });
    }

    /// <summary>GetObjectTagging: no object has tags here. Clients ask when they copy.</summary>
    public async Task GetTaggingAsync(S3Request request)
    {
        await using var opened = await buckets.Get(request.Bucket).OpenAsync(request.Key, request.Cancellation);
        await S3Xml.WriteAsync(request.Context.Response, "Tagging", xml => xml.Element("TagSet", () => { }));
    }

    private static async Task<CdfException?> TryDeleteAsync(Bucket bucket, string key, XElement deletion, CancellationToken cancellationToken)
    {
        try
        {
            if (deletion.Text("VersionId") is not (null or "null"))
                throw S3Errors.NoSuchVersion.Error("The specified version does not exist, as the bucket has no versions.");
            await bucket.DeleteAsync(key, new(IfMatch: deletion.Text("ETag") is { } tag ? ETag.Unquoted(tag) : null), cancellationToken);
            return null;
        }
        catch (CdfException e)
        {
            return e;
        }
    }

    private async Task SendAsync(S3Request request, bool withContent)
    {
        await using var opened = await buckets.Get(request.Bucket).OpenAsync(request.Key, request.Cancellation);
        var (stored, response) = (opened.Object, request.Context.Response);
        var isNotModified = ReadCondition.IsNotModified(request, stored);
        var range = isNotModified ? null : ByteRange.Of(request, stored);
        response.Headers.ETag = ETag.Quoted(stored.ETag);
        response.Headers.LastModified = stored.LastModified.ToString("R", CultureInfo.InvariantCulture);
        if (isNotModified)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var (start, length) = range ?? new(0, stored.Size);
        KeptHeaders.Write(request, stored.Headers);
        response.Headers.AcceptRanges = "bytes";
        response.ContentLength = length;
        if (range is not null)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {start}-{start + length - 1}/{stored.Size}";
        }
        if (request.Query("partNumber") is not null && stored.PartSizes is { } parts)
            response.Headers["x-amz-mp-parts-count"] = parts.Count.ToString(CultureInfo.InvariantCulture);
        if (ChecksumHeaders.AreAskedFor(request) && length == stored.Size)
            ChecksumHeaders.Write(response, stored.Checksum);
        if (!withContent)
            return;
        opened.Content.Position = start;
        await StreamCopyOperation.CopyToAsync(opened.Content, response.Body, length, BufferSize, request.Cancellation);
    }
}
