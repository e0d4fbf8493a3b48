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
