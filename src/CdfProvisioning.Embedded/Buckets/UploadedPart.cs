namespace CdfProvisioning.Embedded.Buckets;

/// <summary>A part of a <see cref="MultipartUpload"/>.</summary>
/// <param name="PartNumber">From 1 to 10,000.</param>
/// <param name="Size">In bytes.</param>
/// <param name="LastModified">When it came.</param>
/// <param name="ETag">The MD5 of its content, in hexadecimal digits.</param>
/// <param name="Checksum">Of its content.</param>
/// <param name="File">The name of the file with its content.</param>
internal sealed record UploadedPart(int PartNumber, long Size, DateTime LastModified, string ETag, Checksum Checksum, string File);
