namespace CdfProvisioning.Embedded.Buckets;

/// <summary>What a client that completes an upload asks for, and what it believes of the object.</summary>
/// <param name="Parts">The parts that make the object, in order.</param>
/// <param name="Condition">What has to hold of the key.</param>
/// <param name="Size">The object's size; null if it is not to be checked.</param>
/// <param name="Checksum">The object's checksum; null if it is not to be checked.</param>
/// <param name="ChecksumType">The type that the upload was begun with; null if it is not to be checked.</param>
internal sealed record UploadCompletion(
    IReadOnlyList<CompletedPart> Parts, WriteCondition Condition, long? Size, KeyValuePair<ChecksumAlgorithm, string>? Checksum, string? ChecksumType);
