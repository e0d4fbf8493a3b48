using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using CdfProvisioning.Local.Buckets;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.S3;

/// <summary>Objects are uploaded in parts.</summary>
internal sealed class UploadOperations(BucketStore buckets, string accountId)
{
    private const int MaxListed = 1000;

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
        if (upload.ChecksumAlgorithm is { } expected && payload.ChecksumAlgorithm != expected)
            throw S3Errors.InvalidRequest.Error(
                $"Checksum Type mismatch occurred, expected checksum Type: {ChecksumHeaders.WireNameOf(expected)}, " +
                $"actual checksum Type: {(payload.ChecksumAlgorithm is { } actual ? ChecksumHeaders.WireNameOf(actual) : "null")}");
        var algorithm = payload.ChecksumAlgorithm ?? ChecksumAlgorithm.CRC64NVME;
        using var content = await bucket.ReceiveAsync([new(payload.Content)], payload.Algorithms(algorithm), request.Cancellation);
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
        var (bucket, upload) = UploadOf(request);
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
            xml.Text("Location", $"{http.Scheme}://{http.Host}{http.Path}");
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
        var (bucket, upload) = UploadOf(request);
        bucket.Uploads.Abort(upload);
        request.Context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    /// <summary>ListParts.</summary>
    public Task ListPartsAsync(S3Request request)
    {
        var (bucket, upload) = UploadOf(request);
        var marker = request.Number("part-number-marker") ?? 0;
        var max = Math.Min(request.Number("max-parts") ?? MaxListed, MaxListed);
        UploadedPart[] parts = [.. bucket.Uploads.PartsOf(upload).Where(part => part.PartNumber > marker)];
        var page = parts.Take(max).ToList();
        return S3Xml.WriteAsync(request.Context.Response, "ListPartsResult", xml =>
        {
            xml.Text("Bucket", bucket.Name);
            xml.Text("Key", upload.Key);
            xml.Text("UploadId", upload.UploadId);
            xml.Text("PartNumberMarker", marker);
            xml.Text("NextPartNumberMarker", page.LastOrDefault()?.PartNumber ?? 0);
            xml.Text("MaxParts", max);
            xml.Text("IsTruncated", page.Count < parts.Length);
            WriteUpload(xml, upload);
            foreach (var part in page)
                xml.Element("Part", () =>
                {
                    xml.Text("PartNumber", part.PartNumber);
                    xml.Text("LastModified", part.LastModified);
                    xml.ETag(part.ETag);
                    xml.Text("Size", part.Size);
                    if (upload.ChecksumAlgorithm is not null)
                        xml.Checksum(part.Checksum);
                });
        });
    }

    /// <summary>ListMultipartUploads.</summary>
    public Task ListAsync(S3Request request)
    {
        var bucket = buckets.Get(request.Bucket);
        var encode = ListOperations.EncoderOf(request);
        var (keyMarker, idMarker) = (request.Query("key-marker") ?? "", request.Query("upload-id-marker") ?? "");
        var query = new ListQuery(
            request.Query("prefix") ?? "", request.Query("delimiter"), keyMarker, Math.Min(request.Number("max-uploads") ?? MaxListed, MaxListed));
        var uploads = UploadsAfter(bucket, keyMarker, idMarker).Where(upload => upload.Key.StartsWith(query.Prefix, StringComparison.Ordinal));
        var found = Listing.Of(query, uploads, upload => upload.Key);
        var last = found.Items.Count > 0 && found.Items[^1].Key == found.Next ? found.Items[^1] : null;
        return S3Xml.WriteAsync(request.Context.Response, "ListMultipartUploadsResult", xml =>
        {
            xml.Text("Bucket", bucket.Name);
            xml.Text("KeyMarker", encode(keyMarker));
            xml.Text("UploadIdMarker", idMarker);
            xml.Text("NextKeyMarker", ListOperations.NullIfEmpty(found.Next, encode));
            xml.Text("NextUploadIdMarker", last?.UploadId);
            xml.Text("Prefix", encode(query.Prefix));
            xml.Text("Delimiter", ListOperations.NullIfEmpty(query.Delimiter, encode));
            xml.Text("EncodingType", request.Query("encoding-type"));
            xml.Text("MaxUploads", query.Max);
            xml.Text("IsTruncated", found.Next is not null);
            foreach (var upload in found.Items)
                xml.Element("Upload", () =>
                {
                    xml.Text("Key", encode(upload.Key));
                    xml.Text("UploadId", upload.UploadId);
                    xml.Text("Initiated", upload.Initiated);
                    WriteUpload(xml, upload);
                });
            ListOperations.WriteCommonPrefixes(xml, found.CommonPrefixes, encode);
        });
    }

    private (Bucket Bucket, MultipartUpload Upload) UploadOf(S3Request request)
    {
        var bucket = buckets.Get(request.Bucket);
        return (bucket, bucket.Uploads.Get(request.Key, request.Query("uploadId") ?? ""));
    }

    private (Bucket Bucket, MultipartUpload Upload, int Number) PartOf(S3Request request)
    {
        var (bucket, upload) = UploadOf(request);
        UnsupportedHeaders.Check(request);
        var number = request.Number("partNumber") ?? 0;
        MultipartUploads.CheckPartNumber(number);
        return (bucket, upload, number);
    }

    /// <summary>Of the key of the marker, those behind the upload of the other marker; and all of the keys behind it.</summary>
    private static IEnumerable<MultipartUpload> UploadsAfter(Bucket bucket, string keyMarker, string idMarker)
    {
        var isPastMarker = false;
        foreach (var upload in bucket.Uploads.List())
        {
            var order = Utf8Order.Instance.Compare(upload.Key, keyMarker);
            if (order > 0 || (order == 0 && isPastMarker))
                yield return upload;
            isPastMarker |= order == 0 && upload.UploadId == idMarker;
        }
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

    private void WriteUpload(XmlWriter xml, MultipartUpload upload)
    {
        xml.Owner("Initiator", accountId);
        xml.Owner("Owner", accountId);
        xml.Text("StorageClass", "STANDARD");
        xml.Text("ChecksumAlgorithm", upload.ChecksumAlgorithm?.ToString());
        xml.Text("ChecksumType", upload.ChecksumType);
    }
}
