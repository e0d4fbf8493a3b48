using System.Collections.Frozen;

namespace CdfProvisioning.Iot;

/// <summary>An error type of the AWS IoT API: its name on the wire, its HTTP status (botocore's model) and our code for it.</summary>
internal sealed record IotErrorType(string Name, int HttpStatus, CdfErrorCode Code)
{
    public static readonly IotErrorType InvalidRequest = new("InvalidRequestException", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType ResourceNotFound = new("ResourceNotFoundException", 404, CdfErrorCode.NotFound);
    public static readonly IotErrorType ResourceAlreadyExists = new("ResourceAlreadyExistsException", 409, CdfErrorCode.Conflict);
    public static readonly IotErrorType DeleteConflict = new("DeleteConflictException", 409, CdfErrorCode.Conflict);
    public static readonly IotErrorType VersionConflict = new("VersionConflictException", 409, CdfErrorCode.Conflict);
    public static readonly IotErrorType VersionsLimitExceeded = new("VersionsLimitExceededException", 409, CdfErrorCode.Conflict);
    public static readonly IotErrorType ConflictingResourceUpdate = new("ConflictingResourceUpdateException", 409, CdfErrorCode.Conflict);
    public static readonly IotErrorType CertificateConflict = new("CertificateConflictException", 409, CdfErrorCode.Conflict);
    public static readonly IotErrorType CertificateState = new("CertificateStateException", 406, CdfErrorCode.Conflict);
    public static readonly IotErrorType CertificateValidation = new("CertificateValidationException", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType RegistrationCodeValidation = new("RegistrationCodeValidationException", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType MalformedPolicy = new("MalformedPolicyException", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType InvalidQuery = new("InvalidQueryException", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType InvalidAggregation = new("InvalidAggregationException", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType IndexNotReady = new("IndexNotReadyException", 400, CdfErrorCode.Conflict);
    public static readonly IotErrorType LimitExceeded = new("LimitExceededException", 410, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType ResourceRegistrationFailure = new("ResourceRegistrationFailureException", 400, CdfErrorCode.RegistrationFailed);
    public static readonly IotErrorType Throttling = new("ThrottlingException", 400, CdfErrorCode.Throttled);
    public static readonly IotErrorType Unauthorized = new("UnauthorizedException", 401, CdfErrorCode.AccessDenied);
    public static readonly IotErrorType ServiceUnavailable = new("ServiceUnavailableException", 503, CdfErrorCode.Unavailable);
    public static readonly IotErrorType InternalFailure = new("InternalFailureException", 500, CdfErrorCode.Unavailable);

    private static readonly FrozenDictionary<string, IotErrorType> ByName = new[]
    {
        InvalidRequest, ResourceNotFound, ResourceAlreadyExists, DeleteConflict, VersionConflict, VersionsLimitExceeded,
        ConflictingResourceUpdate, CertificateConflict, CertificateState, CertificateValidation, RegistrationCodeValidation,
        MalformedPolicy, InvalidQuery, InvalidAggregation, IndexNotReady, LimitExceeded, ResourceRegistrationFailure, Throttling, Unauthorized, ServiceUnavailable, InternalFailure,
    }.ToFrozenDictionary(type => type.Name);

    /// <summary>The error type of that name on the wire, or null.</summary>
    public static IotErrorType? Find(string? name) => ByName.GetValueOrDefault(name ?? "");

    /// <summary>The error type that stands for a code where nothing more precise is known.</summary>
    public static IotErrorType For(CdfErrorCode code) => code switch
    {
        CdfErrorCode.NotFound => ResourceNotFound,
        CdfErrorCode.Conflict => ConflictingResourceUpdate,
        CdfErrorCode.RegistrationFailed => ResourceRegistrationFailure,
        CdfErrorCode.Throttled => Throttling,
        CdfErrorCode.AccessDenied => Unauthorized,
        CdfErrorCode.Unavailable => ServiceUnavailable,
        _ => InvalidRequest,
    };

    public CdfException Error(string message, Exception? innerException = null) => new(this, message, innerException);

    /// <summary>The error that an existing resource stands in the way.</summary>
    public CdfException Error(string message, string? resourceId, string? resourceArn, Exception? innerException = null) =>
        new(this, message, innerException) { ResourceId = resourceId, ResourceArn = resourceArn };
}
