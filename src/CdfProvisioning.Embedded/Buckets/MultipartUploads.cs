using System.Globalization;
using System.Security.Cryptography;
using CdfProvisioning.Files;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.Embedded.Buckets;

/// <summary>The unfinished uploads of a bucket, each in a folder of its own: what it is, and two files a part.</summary>
internal sealed class MultipartUploads(Bucket bucket, string folder, Lock changes)
{
    /// <summary>Of all parts but the last (S3's quotas).</summary>
    private const long MinPartSize = 5 * 1024 * 1024;

    private const int MaxPartNumber = 10_000;
    private const string UploadFile = "upload.json";
    private const string PartSuffix = ".part.json";

    /// <exception cref="CdfException">KeyTooLongError or InvalidArgument: no object can have that key. Unavailable.</exception>
    public MultipartUpload Create(string key, IReadOnlyDictionary<string, string> headers, ChecksumAlgorithm? algorithm, string? checksumType)
    {
        ObjectKey.Check(key);
        var upload = new MultipartUpload(Guid.NewGuid().ToString("N"), key, DateTime.UtcNow, headers, algorithm, checksumType);
        Change(upload.UploadId, () =>
        {
            PrivateFiles.CreateFolder(FolderOf(upload.UploadId));
            SideFile.Write(Path.Combine(FolderOf(upload.UploadId), UploadFile), upload, BucketsJson.Default.MultipartUpload);
        });
        return upload;
    }

    /// <exception cref="CdfException">NoSuchUpload.</exception>
    public MultipartUpload Get(string key, string uploadId) => Find(uploadId) is { } upload && upload.Key == key ? upload : throw NoSuchUpload(uploadId);

    /// <summary>In the order of their keys, and of one key, of their beginning.</summary>
    public IReadOnlyList<MultipartUpload> List() => Directory.Exists(folder)
        ? [.. Directory.EnumerateDirectories(folder).Select(path => Find(Path.GetFileName(path))).OfType<MultipartUpload>()
            .OrderBy(upload => upload.Key, Utf8Order.Instance).ThenBy(upload => upload.Initiated).ThenBy(upload => upload.UploadId, StringComparer.Ordinal)]
        : [];

    /// <summary>Keeps a part, in the place of one of that number if there is one.</summary>
    /// <exception cref="CdfException">NoSuchUpload: it has been aborted or completed meanwhile. Unavailable.</exception>
    public UploadedPart PutPart(MultipartUpload upload, int partNumber, ReceivedContent content, Checksum checksum)
    {
        var part = new UploadedPart(partNumber, content.Digests.Size, DateTime.UtcNow, content.Digests.Md5Hex, checksum, Guid.NewGuid().ToString("N"));
        Change(upload.UploadId, () =>
        {
            if (!Directory.Exists(FolderOf(upload.UploadId)))
                throw NoSuchUpload(upload.UploadId);
            var path = Path.Combine(FolderOf(upload.UploadId), partNumber.ToString("D5", CultureInfo.InvariantCulture) + PartSuffix);
            var former = ReadPart(path);
            content.MoveTo(PathOf(upload, part), overwrite: false);
            SideFile.Write(path, part, BucketsJson.Default.UploadedPart);
            if (former is not null)
                File.Delete(PathOf(upload, former));
        });
        return part;
    }

    /// <exception cref="CdfException">InvalidArgument.</exception>
    public static void CheckPartNumber(int partNumber)
    {
        if (partNumber is < 1 or > MaxPartNumber)
            throw S3Errors.InvalidArgument.Error($"Part number must be an integer between 1 and {MaxPartNumber}, inclusive: {partNumber}.");
    }

    /// <summary>In the order of their numbers.</summary>
    public IReadOnlyList<UploadedPart> PartsOf(MultipartUpload upload) => Directory.Exists(FolderOf(upload.UploadId))
        ? [.. Directory.EnumerateFiles(FolderOf(upload.UploadId), "*" + PartSuffix).Select(ReadPart).OfType<UploadedPart>().OrderBy(part => part.PartNumber)]
        : throw NoSuchUpload(upload.UploadId);

    /// <exception cref="CdfException">Unavailable.</exception>
    public void Abort(MultipartUpload upload) => Change(upload.UploadId, () =>
    {
        if (Directory.Exists(FolderOf(upload.UploadId)))
            Directory.Delete(FolderOf(upload.UploadId), recursive: true);
    });

    /// <summary>Puts the parts together to the object; the upload is over then.</summary>
    /// <exception cref="CdfException">
    /// InvalidPart, InvalidPartOrder, EntityTooSmall, BadDigest, InvalidRequest; what <see cref="Bucket.PutAsync"/> throws. The upload goes on.
    /// </exception>
    public async ValueTask<StoredObject> CompleteAsync(MultipartUpload upload, UploadCompletion completion, CancellationToken cancellationToken)
    {
        if (completion.ChecksumType is { } type && type != upload.ChecksumType)
            throw S3Errors.InvalidRequest.Error($"The upload was created using the {upload.ChecksumType ?? "null"} checksum mode. The complete request must use the same checksum mode.");
        var parts = Match(upload, completion.Parts);
        var size = parts.Sum(part => part.Size);
        if (completion.Size is { } expected && expected != size)
            throw S3Errors.InvalidRequest.Error($"The provided 'x-amz-mp-object-size' header value {expected} does not match what was computed: {size}");

        var algorithm = upload.ChecksumAlgorithm ?? ChecksumAlgorithm.CRC64NVME;
        var sources = parts.Select(part => new ContentSource(Open(upload, part)));
        using var content = await bucket.ReceiveAsync(sources, [algorithm], cancellationToken);
        var checksum = upload.ChecksumType == ChecksumType.Composite
            ? new Checksum(algorithm, OfParts(algorithm, parts), ChecksumType.Composite)
            : Checksum.OfWhole(algorithm, content.Digests);
        if (completion.Checksum is { } given && (given.Key != algorithm || given.Value != checksum.Value))
            throw S3Errors.BadDigest.Error($"The {given.Key.ToString().ToLowerInvariant()} you specified did not match the calculated checksum.");

        var what = new NewObject(upload.Headers, checksum, ETagOf(parts), [.. parts.Select(part => part.Size)]);
        var stored = await bucket.PutAsync(upload.Key, content, what, completion.Condition, cancellationToken);
        Abort(upload);
        return stored;
    }

    private List<UploadedPart> Match(MultipartUpload upload, IReadOnlyList<CompletedPart> completed)
    {
        var there = PartsOf(upload).ToDictionary(part => part.PartNumber);
        var matched = new List<UploadedPart>();
        foreach (var claim in completed)
        {
            if (matched.Count > 0 && claim.PartNumber <= matched[^1].PartNumber)
                throw S3Errors.InvalidPartOrder.Error("The list of parts was not in ascending order. Parts must be ordered by part number.");
            if (!there.TryGetValue(claim.PartNumber, out var part) || part.ETag != claim.ETag)
                throw InvalidPart(claim.PartNumber);
            CheckChecksum(upload, claim, part);
            if (matched.Count > 0 && matched[^1].Size < MinPartSize)
                throw S3Errors.EntityTooSmall.Error($"Your proposed upload is smaller than the minimum allowed size: part {matched[^1].PartNumber} has {matched[^1].Size} bytes, and all but the last need {MinPartSize}.");
            matched.Add(part);
        }
        return matched;
    }

    private static void CheckChecksum(MultipartUpload upload, CompletedPart claim, UploadedPart part)
    {
        if (claim.Checksums.Count == 0)
        {
            if (upload.ChecksumType == ChecksumType.Composite)
                throw S3Errors.InvalidRequest.Error(
                    $"The upload was created using a {Name(upload.ChecksumAlgorithm)} checksum. The complete request must include the checksum for each part. " +
                    $"It was missing for part {claim.PartNumber} in the request.");
            return;
        }
        foreach (var (algorithm, value) in claim.Checksums)
            if (algorithm != upload.ChecksumAlgorithm && upload.ChecksumAlgorithm is not null)
                throw S3Errors.BadDigest.Error($"The {Name(algorithm)} you specified for part {claim.PartNumber} did not match what we received.");
            else if (algorithm != part.Checksum.Algorithm || value != part.Checksum.Value)
                throw InvalidPart(claim.PartNumber);

        static string Name(ChecksumAlgorithm? algorithm) => algorithm.ToString()!.ToLowerInvariant();
    }

    private static string OfParts(ChecksumAlgorithm algorithm, List<UploadedPart> parts) =>
        $"{Convert.ToBase64String(ContentHasher.Compute(algorithm, [.. parts.SelectMany(part => Convert.FromBase64String(part.Checksum.Value))]))}-{parts.Count}";

#pragma warning disable CA5351 // S3 makes its ETags of MD5s.
    private static string ETagOf(List<UploadedPart> parts) =>
        $"{Convert.ToHexStringLower(MD5.HashData([.. parts.SelectMany(part => Convert.FromHexString(part.ETag))]))}-{parts.Count}";
#pragma warning restore CA5351

    private MultipartUpload? Find(string uploadId) => Guid.TryParseExact(uploadId, "N", out _)
        ? SideFile.Read(Path.Combine(FolderOf(uploadId), UploadFile), BucketsJson.Default.MultipartUpload)
        : null;

    private static UploadedPart? ReadPart(string path) => SideFile.Read(path, BucketsJson.Default.UploadedPart);

    private FileStream Open(MultipartUpload upload, UploadedPart part)
    {
        try
        {
            return new FileStream(PathOf(upload, part), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw InvalidPart(part.PartNumber);
        }
    }

    private void Change(string uploadId, Action change)
    {
        try
        {
            lock (changes)
                change();
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite("The upload's folder", FolderOf(uploadId), e);
        }
    }

    private static CdfException InvalidPart(int partNumber) => S3Errors.InvalidPart.Error(
        $"One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag: part {partNumber}.");

    private static CdfException NoSuchUpload(string uploadId) => S3Errors.NoSuchUpload.Error(
        $"The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed: '{IotNames.Shown(uploadId)}'.");

    private string FolderOf(string uploadId) => Path.Combine(folder, uploadId);

    private string PathOf(MultipartUpload upload, UploadedPart part) => Path.Combine(FolderOf(upload.UploadId), part.File);
}
