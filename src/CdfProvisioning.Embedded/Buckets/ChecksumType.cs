namespace CdfProvisioning.Embedded.Buckets;

/// <summary>What the checksum of an object that came in parts is computed of.</summary>
internal static class ChecksumType
{
    /// <summary>The content.</summary>
    public const string FullObject = "FULL_OBJECT";

    /// <summary>The checksums of the parts.</summary>
    public const string Composite = "COMPOSITE";
}
