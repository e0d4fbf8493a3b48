using System.Text.Json;
using System.Text.Json.Nodes;
using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Model;
using CdfProvisioning.Server.Aws.Signing;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.Aws.Json;

/// <summary>A service that speaks AWS's JSON protocol 1.1: the operation is in a header, all of the rest in the body.</summary>
/// <param name="regions">The registries.</param>
/// <param name="service">The service's name in signatures.</param>
/// <param name="target">What comes before the operation's name in the header, such as <c>AmazonSSM</c>.</param>
internal abstract class JsonService(Regions regions, string service, string target) : IAwsService
{
    private const string ContentType = "application/x-amz-json-1.1";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The names of the operations that are served.</summary>
    public IEnumerable<string> OperationNames => Operations.Keys;

    /// <summary>The operations that are served, by their names.</summary>
    protected abstract IReadOnlyDictionary<string, JsonOperation> Operations { get; }

    /// <summary>The bounds of the members of its requests.</summary>
    protected abstract ServiceModel Model { get; }

    public async Task AnswerAsync(AwsCall call)
    {
        var name = call.Context.Request.Headers["X-Amz-Target"].ToString();
        name = name.StartsWith($"{target}.", StringComparison.Ordinal) ? name[(target.Length + 1)..] : "";
        if (!Operations.TryGetValue(name, out var operation))
            throw JsonErrors.UnknownOperation.Error($"{target} has no operation '{IotNames.Shown(name)}' here: there are {string.Join(", ", Operations.Keys)}.");

        AwsCall.Name(call.Context, $"{service}:{name}");
        var input = Parse(call.Body);
        if (Model.FindProblem(name, input) is { } problem)
            throw JsonErrors.Validation.Error(problem);
        var answer = await regions.UseAsync(call.Region, connection => operation(connection, new JsonInput(input), call.Cancellation), call.Cancellation);
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
        var body = new JsonObject { ["__type"] = error.ErrorTypeName, ["message"] = PublicText.Of(error.Message) };
        await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body), context.RequestAborted);
    }

    private static JsonObject Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            CheckText(body.Span);
            return body.IsEmpty ? [] : JsonNode.Parse(body.Span, documentOptions: Strict) as JsonObject ?? throw JsonErrors.Serialization.Error("The body is not a JSON object.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw JsonErrors.Serialization.Error($"The body is not JSON: {e.Message}", e); // InvalidOperation: text that is not Unicode.
        }
    }

    /// <summary>JSON can write half a surrogate pair, and what reads it later would stumble over that.</summary>
    private static void CheckText(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        while (!body.IsEmpty && reader.Read())
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                reader.GetString();
    }
}
