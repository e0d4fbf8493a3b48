namespace CdfProvisioning.Embedded.Buckets;

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
