namespace CdfProvisioning.Embedded.Buckets;

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
