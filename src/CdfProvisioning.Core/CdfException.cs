using System.Text;
using CdfProvisioning.Iot;

namespace CdfProvisioning;

/// <summary>What kind of failure a <see cref="CdfException"/> is. Every surface (REST, AWS wire, PowerShell) maps it once.</summary>
public enum CdfErrorCode
{
    /// <summary>The request is malformed or breaks a documented limit or name pattern.</summary>
    InvalidRequest,

    /// <summary>The provisioning template cannot be used; the message gives line and column.</summary>
    InvalidTemplate,

    /// <summary>A named resource does not exist.</summary>
    NotFound,

    /// <summary>The request contradicts the present state of a resource.</summary>
    Conflict,

    /// <summary>The registry refused to register the device.</summary>
    RegistrationFailed,

    /// <summary>Too many requests.</summary>
    Throttled,

    /// <summary>The caller may not do this.</summary>
    AccessDenied,

    /// <summary>The registry, its file or its network cannot be used at the moment.</summary>
    Unavailable,
}

/// <summary>How an error is raised: <c>throw CdfErrorCode.NotFound.Error(…)</c>, and <c>throw IotErrorType.MalformedPolicy.Error(…)</c> for what AWS IoT has a type for.</summary>
internal static class CdfErrors
{
    public static CdfException Error(this CdfErrorCode code, string message, Exception? innerException = null) => new(code, message, innerException);
}

/// <summary>The one exception of the engine: a code, and a message that names the thing, the row or the template line, and the remedy.</summary>
public sealed class CdfException : Exception
{
    /// <summary>Makes a failure that has no AWS IoT error type of its own.</summary>
    /// <param name="code">The kind of failure.</param>
    /// <param name="message">What is wrong and what to do.</param>
    /// <param name="innerException">The cause, if another exception was it.</param>
    public CdfException(CdfErrorCode code, string message, Exception? innerException = null)
        : base(WellFormed(message), innerException)
    {
        Code = code;
        ErrorType = IotErrorType.For(code);
    }

    internal CdfException(IotErrorType errorType, string message, Exception? innerException = null)
        : base(WellFormed(message), innerException)
    {
        Code = errorType.Code;
        ErrorType = errorType;
    }

    /// <summary>The kind of failure.</summary>
    public CdfErrorCode Code { get; }

    /// <summary>The name of the AWS IoT error type that this failure is on the wire, such as <c>ResourceNotFoundException</c>.</summary>
    public string ErrorTypeName => ErrorType.Name;

    /// <summary>Of an existing resource that stands in the way: its id.</summary>
    public string? ResourceId { get; init; }

    /// <summary>Of an existing resource that stands in the way: its ARN.</summary>
    public string? ResourceArn { get; init; }

    internal IotErrorType ErrorType { get; }

    /// <summary>Messages quote what they are about, which may have half a surrogate pair; neither JSON nor XML can carry that.</summary>
    private static string WellFormed(string message)
    {
        if (!message.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            return message;
        var text = new StringBuilder(message.Length);
        foreach (var rune in message.EnumerateRunes())
            text.Append(rune.ToString());
        return text.ToString();
    }
}
