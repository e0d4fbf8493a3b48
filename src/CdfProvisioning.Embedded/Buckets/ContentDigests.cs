namespace CdfProvisioning.Embedded.Buckets;

/// <summary>What was computed of content while it streamed by.</summary>
/// <param name="Size">Its bytes.</param>
/// <param name="Md5">Of which S3 makes the ETag.</param>
/// <param name="Checksums">By the algorithms that were asked for.</param>
internal sealed record ContentDigests(long Size, byte[] Md5, IReadOnlyDictionary<ChecksumAlgorithm, byte[]> Checksums)
{
    public string Md5Hex => Convert.ToHexStringLower(Md5);

    public string Base64(ChecksumAlgorithm algorithm) => Convert.ToBase64String(Checksums[algorithm]);
}
