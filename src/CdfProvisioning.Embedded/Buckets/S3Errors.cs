using CdfProvisioning.Iot;

namespace CdfProvisioning.Embedded.Buckets;

/// <summary>The error codes of S3's API reference, each with its HTTP status.</summary>
internal static class S3Errors
{
    public static readonly IotErrorType AccessControlListNotSupported = new("AccessControlListNotSupported", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType AccessDenied = new("AccessDenied", 403, CdfErrorCode.AccessDenied);
    public static readonly IotErrorType BadDigest = new("BadDigest", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType BucketAlreadyOwnedByYou = new("BucketAlreadyOwnedByYou", 409, CdfErrorCode.Conflict);
    public static readonly IotErrorType BucketNotEmpty = new("BucketNotEmpty", 409, CdfErrorCode.Conflict);
    public static readonly IotErrorType ConditionalRequestConflict = new("ConditionalRequestConflict", 409, CdfErrorCode.Conflict);
    public static readonly IotErrorType EntityTooLarge = new("EntityTooLarge", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType EntityTooSmall = new("EntityTooSmall", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType IllegalLocationConstraint = new("IllegalLocationConstraintException", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType IncompleteBody = new("IncompleteBody", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType InternalError = new("InternalError", 500, CdfErrorCode.Unavailable);
    public static readonly IotErrorType InvalidAccessKeyId = new("InvalidAccessKeyId", 403, CdfErrorCode.AccessDenied);
    public static readonly IotErrorType InvalidArgument = new("InvalidArgument", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType InvalidBucketName = new("InvalidBucketName", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType InvalidBucketState = new("InvalidBucketState", 409, CdfErrorCode.Conflict);
    public static readonly IotErrorType InvalidDigest = new("InvalidDigest", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType InvalidPart = new("InvalidPart", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType InvalidPartNumber = new("InvalidPartNumber", 416, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType InvalidPartOrder = new("InvalidPartOrder", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType InvalidRange = new("InvalidRange", 416, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType InvalidRequest = new("InvalidRequest", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType InvalidStorageClass = new("InvalidStorageClass", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType InvalidUri = new("InvalidURI", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType KeyTooLong = new("KeyTooLongError", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType MalformedTrailer = new("MalformedTrailerError", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType MalformedXml = new("MalformedXML", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType MaxMessageLengthExceeded = new("MaxMessageLengthExceeded", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType MetadataTooLarge = new("MetadataTooLarge", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType MethodNotAllowed = new("MethodNotAllowed", 405, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType MissingContentLength = new("MissingContentLength", 411, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType NoSuchBucket = new("NoSuchBucket", 404, CdfErrorCode.NotFound);
    public static readonly IotErrorType NoSuchKey = new("NoSuchKey", 404, CdfErrorCode.NotFound);
    public static readonly IotErrorType NoSuchUpload = new("NoSuchUpload", 404, CdfErrorCode.NotFound);
    public static readonly IotErrorType NoSuchVersion = new("NoSuchVersion", 404, CdfErrorCode.NotFound);
    public static readonly IotErrorType NotImplemented = new("NotImplemented", 501, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType PreconditionFailed = new("PreconditionFailed", 412, CdfErrorCode.Conflict);
    public static readonly IotErrorType SignatureDoesNotMatch = new("SignatureDoesNotMatch", 403, CdfErrorCode.AccessDenied);
    public static readonly IotErrorType XAmzContentSha256Mismatch = new("XAmzContentSHA256Mismatch", 400, CdfErrorCode.InvalidRequest);
}
