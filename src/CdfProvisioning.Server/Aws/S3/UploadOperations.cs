using System.Globalization;
using System.Xml.Linq;
using CdfProvisioning.Embedded.Buckets;
using CdfProvisioning.Provisioning;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>Objects are uploaded in parts.</summary>
internal sealed class UploadOperations(BucketStore buckets)
{
    /// <summary>CreateMultipartUpload.</summary>
    public Task CreateAsync(S3Request request)
    {
        var bucket = buckets.Get(request.Bucket);
        UnsupportedHeaders.Check(request);
        var algorithm = ChecksumHeaders.RequestedAlgorithmOf(request);
        var upload = bucket.Uploads.Create(request.Key, KeptHeaders.Of(request), algorithm, ChecksumTypeOf(request, algorithm));
        if (algorithm is not null)
        {
            request.Context.Response.Headers["x-amz-checksum-algorithm"] = algorithm.ToString();
            request.Context.Response.Headers["x-amz-checksum-type"] = upload.ChecksumType;
        }
        return S3Xml.WriteAsync(request.Context.Response, "InitiateMultipartUploadResult", xml =>
        {
            xml.Text("Bucket", bucket.Name);
            xml.Text("Key", upload.Key);
            xml.Text("UploadId", upload.UploadId);
        });
    }

    /// <summary>UploadPart.</summary>
    public async Task PutPartAsync(S3Request request)
    {
        var (bucket, upload, number) = PartOf(request);
        using var payload = new Payload(request);
        if (upload.ChecksumAlgorithm is { } expected && payload.Algorithm != expected)
            throw S3Errors.InvalidRequest.Error(
                $"Checksum Type mismatch occurred, expected checksum Type: {ChecksumHeaders.WireNameOf(expected)}, " +
                $"actual checksum Type: {(payload.Algorithm is { } actual ? ChecksumHeaders.WireNameOf(actual) : "null")}");
        var algorithm = payload.Algorithm ?? ChecksumAlgorithm.CRC64NVME;
        using var content = await bucket.ReceiveAsync([new(payload.Content)], payload.AlgorithmsAnd(algorithm), request.Cancellation);
        payload.Check(content.Digests);
        var part = bucket.Uploads.PutPart(upload, number, content, Checksum.OfWhole(algorithm, content.Digests));
        request.Context.Response.Headers.ETag = ETag.Quoted(part.ETag);
        request.Context.Response.Headers[ChecksumHeaders.NameOf(algorithm)] = part.Checksum.Value;
    }

    /// <summary>UploadPartCopy.</summary>
    public async Task CopyPartAsync(S3Request request)
    {
        var (bucket, upload, number) = PartOf(request);
        await using var source = await CopyOperations.OpenSourceAsync(buckets, request);
        var (start, length) = ByteRange.OfCopySource(request, source.Object) ?? new(0, source.Object.Size);
        source.Content.Position = start;
        var algorithm = upload.ChecksumAlgorithm ?? ChecksumAlgorithm.CRC64NVME;
        using var content = await bucket.ReceiveAsync([new(source.Content, length)], [algorithm], request.Cancellation);
        var part = bucket.Uploads.PutPart(upload, number, content, Checksum.OfWhole(algorithm, content.Digests));
        await S3Xml.WriteAsync(request.Context.Response, "CopyPartResult", xml =>
        {
            xml.ETag(part.ETag);
            xml.Text("LastModified", part.LastModified);
            xml.Checksum(part.Checksum);
        });
    }

    /// <summary>CompleteMultipartUpload.</summary>
    public async Task CompleteAsync(S3Request request)
    {
        var (bucket, upload) = UploadOf(buckets, request);
        var condition = WriteConditionHeaders.Of(request);
        using var payload = new Payload(request, hasOwnChecksum: false);
        var document = await payload.ReadXmlAsync();
        CompletedPart[] parts = [.. document.All("Part").Select(ReadPart)];
        if (parts.Length == 0)
            throw S3Errors.InvalidRequest.Error("You must specify at least one part");
        var checksum = ChecksumHeaders.AlgorithmOf(request) is { } algorithm
            ? KeyValuePair.Create(algorithm, request.Header(ChecksumHeaders.NameOf(algorithm))!)
            : (KeyValuePair<ChecksumAlgorithm, string>?)null;
        var completion = new UploadCompletion(parts, condition, SizeOf(request), checksum, ChecksumHeaders.TypeOf(request));
        var stored = await bucket.Uploads.CompleteAsync(upload, completion, request.Cancellation);
        var http = request.Context.Request;
        await S3Xml.WriteAsync(request.Context.Response, "CompleteMultipartUploadResult", xml =>
        {
            xml.Text("Location", $"{http.Scheme}://{http.Host}{request.Path}");
            xml.Text("Bucket", bucket.Name);
            xml.Text("Key", stored.Key);
            xml.ETag(stored.ETag);
            xml.Checksum(stored.Checksum);
            xml.Text("ChecksumType", stored.Checksum.Type);
        });
    }

    /// <summary>AbortMultipartUpload.</summary>
    public Task AbortAsync(S3Request request)
    {
        var (bucket, upload) = UploadOf(buckets, request);
        bucket.Uploads.Abort(upload);
        request.Context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    /// <exception cref="CdfException">NoSuchBucket, NoSuchUpload.</exception>
    public static (Bucket Bucket, MultipartUpload Upload) UploadOf(BucketStore buckets, S3Request request)
    {
        var bucket = buckets.Get(request.Bucket);
        return (bucket, bucket.Uploads.Get(request.Key, request.Query("uploadId") ?? ""));
    }

    private (Bucket Bucket, MultipartUpload Upload, int Number) PartOf(S3Request request)
    {
        var (bucket, upload) = UploadOf(buckets, request);
        UnsupportedHeaders.Check(request);
        var number = request.Number("partNumber") ?? 0;
        MultipartUploads.CheckPartNumber(number);
        return (bucket, upload, number);
    }

    private static string? ChecksumTypeOf(S3Request request, ChecksumAlgorithm? algorithm)
    {
        var type = ChecksumHeaders.TypeOf(request);
        if (algorithm is null)
            return type is null ? null : throw S3Errors.InvalidRequest.Error("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
        type ??= algorithm == ChecksumAlgorithm.CRC64NVME ? ChecksumType.FullObject : ChecksumType.Composite;
        return (type, algorithm) is (ChecksumType.Composite, ChecksumAlgorithm.CRC64NVME) or (ChecksumType.FullObject, ChecksumAlgorithm.SHA1 or ChecksumAlgorithm.SHA256)
            ? throw S3Errors.InvalidRequest.Error($"The {type} checksum type cannot be used with the {ChecksumHeaders.WireNameOf(algorithm.Value)} checksum algorithm.")
            : type;
    }

    private static CompletedPart ReadPart(XElement part)
    {
        if (!int.TryParse(part.Text("PartNumber"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || part.Text("ETag") is not { } tag)
            throw S3Xml.Malformed();
        var checksums = Enum.GetValues<ChecksumAlgorithm>()
            .Select(algorithm => (Algorithm: algorithm, Value: part.Text(S3Xml.ElementOf(algorithm))))
            .Where(checksum => checksum.Value is not null)
            .ToDictionary(checksum => checksum.Algorithm, checksum => checksum.Value!);
        return new(number, ETag.Unquoted(tag), checksums);
    }

    private static long? SizeOf(S3Request request) => request.Header("x-amz-mp-object-size") is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size
        : throw S3Request.InvalidArgument("x-amz-mp-object-size", "Provided value not an integer or not within integer range");
}
