using CdfProvisioning.Iot;

namespace CdfProvisioning.Server.Aws.Json;

/// <summary>The errors that all services of AWS's JSON protocol have.</summary>
internal static class JsonErrors
{
    public static readonly IotErrorType Serialization = new("SerializationException", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType UnknownOperation = new("UnknownOperationException", 400, CdfErrorCode.InvalidRequest);
    public static readonly IotErrorType Validation = new("ValidationException", 400, CdfErrorCode.InvalidRequest);
}
