namespace CdfProvisioning.Embedded.Buckets;

/// <summary>A checksum that is kept with an object or a part.</summary>
/// <param name="Algorithm">How it was computed.</param>
/// <param name="Value">Base64; of a composite one followed by a hyphen and the number of parts.</param>
/// <param name="Type">One of <see cref="ChecksumType"/>.</param>
internal sealed record Checksum(ChecksumAlgorithm Algorithm, string Value, string Type)
{
    public static Checksum OfWhole(ChecksumAlgorithm algorithm, ContentDigests digests) => new(algorithm, digests.Base64(algorithm), ChecksumType.FullObject);
}
