namespace CdfProvisioning.Server.Aws.Signing;

/// <summary>With what the chunk signatures of a body are verified: the parts of the request's own, verified signature (SigV4).</summary>
/// <param name="SigningKey">The key derived from the secret for the day, region and service.</param>
/// <param name="DateTime">The request's <c>x-amz-date</c>.</param>
/// <param name="Scope">The credential scope without the access key: <c>20260101/us-east-1/s3/aws4_request</c>.</param>
/// <param name="Signature">The request's signature, in hexadecimal digits: the first chunk's is made over it.</param>
internal sealed record ChunkSigning(byte[] SigningKey, string DateTime, string Scope, string Signature);
