namespace CdfProvisioning.Embedded.Buckets;

/// <summary>What is known of an object beside its content.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Size">In bytes.</param>
/// <param name="LastModified">When its file was.</param>
/// <param name="Md5">Of the content, in hexadecimal digits.</param>
/// <param name="ETag">Without quotes: the MD5, or, of an object that came in parts, the MD5 of theirs, a hyphen and their number.</param>
/// <param name="Headers">What the client said of the content, by header: Content-Type and its like, x-amz-meta-*.</param>
/// <param name="Checksum">The client's own, or one that was computed.</param>
/// <param name="PartSizes">Those of the parts that it came in; null if it came in one piece.</param>
internal sealed record StoredObject(
    string Key,
    long Size,
    DateTime LastModified,
    string Md5,
    string ETag,
    IReadOnlyDictionary<string, string> Headers,
    Checksum Checksum,
    IReadOnlyList<long>? PartSizes = null);

/// <summary>An object and its content as they were at one moment, whatever is written to its key meanwhile.</summary>
internal sealed record OpenObject(StoredObject Object, FileStream Content) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Content.DisposeAsync();
}

/// <summary>What is to be kept with an object beside its content.</summary>
/// <param name="Headers">What the client says of the content.</param>
/// <param name="Checksum">That of the content.</param>
/// <param name="ETag">Of an object that came in parts; else it is the content's MD5.</param>
/// <param name="PartSizes">Of an object that came in parts.</param>
internal sealed record NewObject(
    IReadOnlyDictionary<string, string> Headers, Checksum Checksum, string? ETag = null, IReadOnlyList<long>? PartSizes = null);

/// <summary>What has to hold of a key at the moment it is written or deleted.</summary>
/// <param name="IfNoneMatch">There is no object (<c>If-None-Match: *</c>).</param>
/// <param name="IfMatch">There is an object, and this is its ETag, without quotes.</param>
internal sealed record WriteCondition(bool IfNoneMatch = false, string? IfMatch = null)
{
    public static readonly WriteCondition None = new();
}

/// <summary>A checksum that is kept with an object or a part.</summary>
/// <param name="Algorithm">How it was computed.</param>
/// <param name="Value">Base64; of a composite one followed by a hyphen and the number of parts.</param>
/// <param name="Type">One of <see cref="ChecksumType"/>.</param>
internal sealed record Checksum(ChecksumAlgorithm Algorithm, string Value, string Type)
{
    public static Checksum OfWhole(ChecksumAlgorithm algorithm, ContentDigests digests) => new(algorithm, digests.Base64(algorithm), ChecksumType.FullObject);
}

/// <summary>The checksum algorithms that S3's clients choose from, under their names on the wire.</summary>
internal enum ChecksumAlgorithm
{
    CRC32,
    CRC32C,

    /// <summary>What S3 computes when the client names none.</summary>
    CRC64NVME,
    SHA1,
    SHA256,
}

/// <summary>What the checksum of an object that came in parts is computed of.</summary>
internal static class ChecksumType
{
    /// <summary>The content.</summary>
    public const string FullObject = "FULL_OBJECT";

    /// <summary>The checksums of the parts.</summary>
    public const string Composite = "COMPOSITE";
}

/// <summary>Content to be received, or its first <paramref name="Length"/> bytes.</summary>
internal readonly record struct ContentSource(Stream Stream, long Length = long.MaxValue);

/// <summary>What was computed of content while it streamed by.</summary>
/// <param name="Size">Its bytes.</param>
/// <param name="Md5">Of which S3 makes the ETag.</param>
/// <param name="Checksums">By the algorithms that were asked for.</param>
internal sealed record ContentDigests(long Size, byte[] Md5, IReadOnlyDictionary<ChecksumAlgorithm, byte[]> Checksums)
{
    public string Md5Hex => Convert.ToHexStringLower(Md5);

    public string Base64(ChecksumAlgorithm algorithm) => Convert.ToBase64String(Checksums[algorithm]);
}

/// <summary>An object that comes in parts, and is none until it is completed.</summary>
/// <param name="UploadId">Its id.</param>
/// <param name="Key">The key that the object will have.</param>
/// <param name="Initiated">When it was begun.</param>
/// <param name="Headers">What will be kept with the object.</param>
/// <param name="ChecksumAlgorithm">That of the object and its parts; null if the client named none.</param>
/// <param name="ChecksumType">What the object's checksum will be of; null if the client named no algorithm.</param>
internal sealed record MultipartUpload(
    string UploadId,
    string Key,
    DateTime Initiated,
    IReadOnlyDictionary<string, string> Headers,
    ChecksumAlgorithm? ChecksumAlgorithm = null,
    string? ChecksumType = null);

/// <summary>A part of a <see cref="MultipartUpload"/>.</summary>
/// <param name="PartNumber">From 1 to 10,000.</param>
/// <param name="Size">In bytes.</param>
/// <param name="LastModified">When it came.</param>
/// <param name="ETag">The MD5 of its content, in hexadecimal digits.</param>
/// <param name="Checksum">Of its content.</param>
/// <param name="File">The name of the file with its content.</param>
internal sealed record UploadedPart(int PartNumber, long Size, DateTime LastModified, string ETag, Checksum Checksum, string File);

/// <summary>What a client that completes an upload believes of a part.</summary>
/// <param name="PartNumber">Its number.</param>
/// <param name="ETag">Without quotes.</param>
/// <param name="Checksums">The values given, by algorithm.</param>
internal sealed record CompletedPart(int PartNumber, string ETag, IReadOnlyDictionary<ChecksumAlgorithm, string> Checksums);

/// <summary>What a client that completes an upload asks for, and what it believes of the object.</summary>
/// <param name="Parts">The parts that make the object, in order.</param>
/// <param name="Condition">What has to hold of the key.</param>
/// <param name="Size">The object's size; null if it is not to be checked.</param>
/// <param name="Checksum">The object's checksum; null if it is not to be checked.</param>
/// <param name="ChecksumType">The type that the upload was begun with; null if it is not to be checked.</param>
internal sealed record UploadCompletion(
    IReadOnlyList<CompletedPart> Parts, WriteCondition Condition, long? Size, KeyValuePair<ChecksumAlgorithm, string>? Checksum, string? ChecksumType);
