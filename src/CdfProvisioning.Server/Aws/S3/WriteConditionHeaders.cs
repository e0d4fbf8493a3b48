using CdfProvisioning.Embedded.Buckets;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>The conditions of a request that writes or deletes an object.</summary>
internal static class WriteConditionHeaders
{
    /// <exception cref="CdfException">NotImplemented: S3 knows no such conditions for writing.</exception>
    public static WriteCondition Of(S3Request request)
    {
        var (ifMatch, ifNoneMatch) = (request.Header("If-Match"), request.Header("If-None-Match"));
        if (ifNoneMatch is not (null or "*") || ifMatch == "*" || (ifMatch is not null && ifNoneMatch is not null))
            throw S3Errors.NotImplemented.Error("A header you provided implies functionality that is not implemented: If-Match takes one ETag, If-None-Match takes *, and not both together.");
        return new(ifNoneMatch is not null, ifMatch is null ? null : ETag.Unquoted(ifMatch));
    }
}
