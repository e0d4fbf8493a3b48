namespace CdfProvisioning.Embedded.Buckets;

/// <summary>What a client that completes an upload believes of a part.</summary>
/// <param name="PartNumber">Its number.</param>
/// <param name="ETag">Without quotes.</param>
/// <param name="Checksums">The values given, by algorithm.</param>
internal sealed record CompletedPart(int PartNumber, string ETag, IReadOnlyDictionary<ChecksumAlgorithm, string> Checksums);
