namespace CdfProvisioning.Embedded.Buckets;

/// <summary>What is to be kept with an object beside its content.</summary>
/// <param name="Headers">What the client says of the content.</param>
/// <param name="Checksum">That of the content.</param>
/// <param name="ETag">Of an object that came in parts; else it is the content's MD5.</param>
/// <param name="PartSizes">Of an object that came in parts.</param>
internal sealed record NewObject(
    IReadOnlyDictionary<string, string> Headers, Checksum Checksum, string? ETag = null, IReadOnlyList<long>? PartSizes = null);
