using System.Management.Automation;
using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>How the engine's errors look in PowerShell: the error id is the code's name, so scripts can rely on it.</summary>
internal static class CdfErrorRecord
{
    public static ErrorRecord ToErrorRecord(this CdfException exception, object? target) =>
        new(exception, exception.Code.ToString(), CategoryOf(exception), target);

    private static ErrorCategory CategoryOf(CdfException exception) => exception.Code switch
    {
        CdfErrorCode.InvalidRequest => ErrorCategory.InvalidArgument,
        CdfErrorCode.InvalidTemplate => ErrorCategory.InvalidData,
        CdfErrorCode.NotFound => ErrorCategory.ObjectNotFound,
        CdfErrorCode.Conflict when exception.ErrorTypeName == IotErrorType.ResourceAlreadyExists.Name => ErrorCategory.ResourceExists,
        CdfErrorCode.Conflict => ErrorCategory.InvalidOperation,
        CdfErrorCode.RegistrationFailed => ErrorCategory.InvalidOperation,
        CdfErrorCode.Throttled => ErrorCategory.LimitsExceeded,
        CdfErrorCode.AccessDenied => ErrorCategory.PermissionDenied,
        CdfErrorCode.Unavailable => ErrorCategory.ResourceUnavailable,
        _ => ErrorCategory.NotSpecified,
    };
}
