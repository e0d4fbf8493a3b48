using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>How the engine's errors look in PowerShell: the error id is the code's name, so scripts can rely on it.</summary>
internal static class CdfErrorRecord
{
    public static ErrorRecord ToErrorRecord(this CdfException exception, object? target) =>
        new(exception, exception.Code.ToString(), CategoryOf(exception.Code), target);

    private static ErrorCategory CategoryOf(CdfErrorCode code) => code switch
    {
        CdfErrorCode.InvalidRequest => ErrorCategory.InvalidArgument,
        CdfErrorCode.InvalidTemplate => ErrorCategory.InvalidData,
        CdfErrorCode.NotFound => ErrorCategory.ObjectNotFound,
        CdfErrorCode.Conflict => ErrorCategory.ResourceExists,
        CdfErrorCode.RegistrationFailed => ErrorCategory.InvalidOperation,
        CdfErrorCode.Throttled => ErrorCategory.LimitsExceeded,
        CdfErrorCode.AccessDenied => ErrorCategory.PermissionDenied,
        CdfErrorCode.Unavailable => ErrorCategory.ResourceUnavailable,
        _ => ErrorCategory.NotSpecified,
    };
}
