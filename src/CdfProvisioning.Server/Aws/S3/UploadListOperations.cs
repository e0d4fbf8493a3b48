using System.Xml;
using CdfProvisioning.Embedded.Buckets;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>Uploads that are not complete, and their parts, are listed.</summary>
internal sealed class UploadListOperations(BucketStore buckets, string accountId)
{
    /// <summary>ListParts.</summary>
    public Task ListPartsAsync(S3Request request)
    {
        var (bucket, upload) = UploadOperations.UploadOf(buckets, request);
        var marker = request.Number("part-number-marker") ?? 0;
        var max = Math.Min(request.Number("max-parts") ?? ListOperations.MaxListed, ListOperations.MaxListed);
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
        var query = ListOperations.QueryOf(request, "max-uploads", keyMarker);
        var uploads = UploadsAfter(bucket, keyMarker, idMarker).Where(upload => upload.Key.StartsWith(query.Prefix, StringComparison.Ordinal));
        var found = Listing.Of(query, uploads, upload => upload.Key);
        var last = found.Items.Count > 0 && found.Items[^1].Key == found.Next ? found.Items[^1] : null;
        return S3Xml.WriteAsync(request.Context.Response, "ListMultipartUploadsResult", xml =>
        {
            xml.Text("Bucket", bucket.Name);
            xml.Text("KeyMarker", encode(keyMarker));
            xml.Text("UploadIdMarker", idMarker);
            xml.Text("NextKeyMarker", ListOperations.EncodedOrNull(found.Next, encode));
            xml.Text("NextUploadIdMarker", last?.UploadId);
            xml.Text("Prefix", encode(query.Prefix));
            xml.Text("Delimiter", ListOperations.EncodedOrNull(query.Delimiter, encode));
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

    private void WriteUpload(XmlWriter xml, MultipartUpload upload)
    {
        xml.Owner("Initiator", accountId);
        xml.Owner("Owner", accountId);
        xml.Text("StorageClass", "STANDARD");
        xml.Text("ChecksumAlgorithm", upload.ChecksumAlgorithm?.ToString());
        xml.Text("ChecksumType", upload.ChecksumType);
    }
}
