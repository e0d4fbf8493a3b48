using System.Text.Json;
using System.Text.Json.Nodes;
using CdfProvisioning.Iot;
using CdfProvisioning.Server.AwsWire.Signing;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.AwsWire.Json;

/// <summary>A service that speaks AWS's JSON protocol 1.1: the operation is in a header, all of the rest in the body.</summary>
/// <param name="target">What comes before the operation's name in the header, such as <c>AmazonSSM</c>.</param>
/// <param name="service">The service's name in signatures.</param>
internal abstract class JsonService(string target, string service) : IAwsService
{
    private const string ContentType = "application/x-amz-json-1.1";

    private static readonly IotErrorType UnknownOperation = new("UnknownOperationException", 400, CdfErrorCode.InvalidRequest);
    private static readonly IotErrorType Serialization = new("SerializationException", 400, CdfErrorCode.InvalidRequest);

    /// <summary>What the service calls a value that it cannot take.</summary>
    protected static readonly IotErrorType Validation = new("ValidationException", 400, CdfErrorCode.InvalidRequest);

    public async Task AnswerAsync(AwsCall call)
    {
        var name = call.Context.Request.Headers["X-Amz-Target"].ToString();
        var operation = name.StartsWith(target + ".", StringComparison.Ordinal) ? name[(target.Length + 1)..] : "";
        call.Name(service, operation);
        var answer = await AnswerAsync(operation, new JsonInput(Parse(call.Body)), call);
        var response = call.Context.Response;
        response.ContentType = ContentType;
        await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer), call.Cancellation);
    }

    public IotErrorType ErrorTypeOf(SignatureProblem problem) => new(
        problem switch
        {
            SignatureProblem.Incomplete => "IncompleteSignatureException",
            SignatureProblem.UnknownKey or SignatureProblem.WrongToken => "UnrecognizedClientException",
            SignatureProblem.ExpiredToken => "ExpiredTokenException",
            _ => "InvalidSignatureException",
        },
        400,
        CdfErrorCode.AccessDenied);

    public async Task WriteErrorAsync(HttpContext context, CdfException error)
    {
        var response = context.Response;
        response.StatusCode = error.Code == CdfErrorCode.Unavailable ? StatusCodes.Status500InternalServerError : StatusCodes.Status400BadRequest;
        response.Headers["x-amzn-ErrorType"] = error.ErrorTypeName;
        response.ContentType = ContentType;
        var body = new JsonObject { ["__type"] = error.ErrorTypeName, ["message"] = error.Message };
        await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body), context.RequestAborted);
    }

    /// <exception cref="CdfException">What the service refuses.</exception>
    protected abstract Task<JsonObject> AnswerAsync(string operation, JsonInput input, AwsCall call);

    /// <summary>The error that the service has no such operation, or that it is not served here.</summary>
    protected CdfException Unknown(string operation) => UnknownOperation.Error($"{target} has no operation '{IotNames.Shown(operation)}' here.");

    private static JsonObject Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return body.IsEmpty ? [] : JsonNode.Parse(body.Span) as JsonObject ?? throw Serialization.Error("The body is not a JSON object.");
        }
        catch (JsonException e)
        {
            throw Serialization.Error($"The body is not JSON: {e.Message}", e);
        }
    }
}
