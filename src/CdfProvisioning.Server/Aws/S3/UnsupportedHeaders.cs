using CdfProvisioning.Embedded.Buckets;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>Headers that ask for something that is not done here are refused: a client has to know that it was not done.</summary>
internal static class UnsupportedHeaders
{
    private static readonly string[] Prefixes =
    [
        "x-amz-server-side-encryption-", "x-amz-copy-source-server-side-encryption-", "x-amz-object-lock-", "x-amz-bucket-object-lock-",
        "x-amz-website-redirect-location", "x-amz-write-offset-bytes", "x-amz-if-match-", "x-amz-mfa",
    ];

    /// <exception cref="CdfException">NotImplemented, AccessControlListNotSupported, InvalidStorageClass.</exception>
    public static void Check(S3Request request)
    {
        foreach (var name in request.Context.Request.Headers.Keys)
        {
            if (Array.Exists(Prefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
                throw NotImplemented(name);
            if (name.StartsWith("x-amz-grant-", StringComparison.OrdinalIgnoreCase))
                throw NoAccessControlLists(name);
        }
        if (request.Header("x-amz-acl") is not (null or "private" or "bucket-owner-full-control"))
            throw NoAccessControlLists("x-amz-acl");
        if (request.Header("x-amz-server-side-encryption") is not (null or "AES256"))
            throw NotImplemented("x-amz-server-side-encryption");
        if (request.Header("x-amz-tagging") is not null)
            throw NotImplemented("x-amz-tagging");
        if (request.Header("x-amz-storage-class") is not (null or "STANDARD"))
            throw S3Errors.InvalidStorageClass.Error("The storage class you specified is not valid: there is only STANDARD.");
    }

    private static CdfException NotImplemented(string header) =>
        S3Errors.NotImplemented.Error($"A header you provided implies functionality that is not implemented: {header}.");

    /// <summary>That of buckets whose owner owns all objects, which is what AWS makes when nothing else is asked for.</summary>
    private static CdfException NoAccessControlLists(string header) =>
        S3Errors.AccessControlListNotSupported.Error($"The bucket does not allow ACLs: {header}.");
}
