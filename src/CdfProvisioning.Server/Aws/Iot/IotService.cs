using System.Text.Json;
using CdfProvisioning.Iot;
using CdfProvisioning.Server.Aws.Signing;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.Aws.Iot;

/// <summary>AWS IoT's control plane in its own protocol (REST and JSON), from the table of operations.</summary>
/// <param name="regions">The registries.</param>
/// <param name="reports">The links to the reports of tasks.</param>
internal sealed class IotService(Regions regions, ReportLinks reports) : IAwsService
{
    /// <summary>What AWS IoT says to an operation that it does not have (aws-sdk-android, issue 2206).</summary>
    private static readonly IotErrorType UnknownOperation = new("UnknownOperationException", 400, CdfErrorCode.InvalidRequest);

    private static readonly IotErrorType InvalidSignature = new("InvalidSignatureException", 403, CdfErrorCode.AccessDenied);

    public async Task AnswerAsync(AwsCall call)
    {
        var route = IotRoutes.Find(call.Context.Request.Method, call.Target.Path)
            ?? throw UnknownOperation.Error($"AWS IoT has no operation {call.Context.Request.Method} {IotNames.Shown(call.Target.Path)}, or this registry does not know it.");
        AwsCall.Name(call.Context, $"iot:{route.Operation.Name}");
        var request = IotRequestReader.Read(route, call.Context.Request, call.Body);
        var response = await regions.UseAsync(
            call.Region, async connection => await route.Operation.InvokeAsync(connection.Registry, request, call.Cancellation), call.Cancellation);
        if (response is ListThingRegistrationTaskReportsResponse listed)
            response = reports.OverHttp(listed, call);
        await WriteAsync(call.Context.Response, route.Operation, response, call.Cancellation);
    }

    public IotErrorType ErrorTypeOf(SignatureProblem problem) => problem switch
    {
        SignatureProblem.Incomplete => new("IncompleteSignatureException", 403, CdfErrorCode.AccessDenied),
        SignatureProblem.UnknownKey or SignatureProblem.WrongToken => new("UnrecognizedClientException", 403, CdfErrorCode.AccessDenied),
        SignatureProblem.ExpiredToken => new("ExpiredTokenException", 403, CdfErrorCode.AccessDenied),
        _ => InvalidSignature,
    };

    public async Task WriteErrorAsync(HttpContext context, CdfException error)
    {
        var response = context.Response;
        response.StatusCode = error.ErrorType.HttpStatus;
        response.Headers["x-amzn-ErrorType"] = error.ErrorTypeName;
        response.ContentType = "application/json";
        await response.Body.WriteAsync(ErrorBody(error), context.RequestAborted);
    }

    /// <summary>A response without members has no body.</summary>
    private static async Task WriteAsync(HttpResponse response, IotOperation operation, object answer, CancellationToken cancellationToken)
    {
        if (operation.Response.Properties.Count == 0)
            return;
        var body = JsonSerializer.SerializeToUtf8Bytes(answer, operation.Response);
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, cancellationToken);
    }

    private static ReadOnlyMemory<byte> ErrorBody(CdfException error)
    {
        var body = new System.Buffers.ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteString("message", PublicText.Of(error.Message));
        if (error.ResourceId is { } id)
            json.WriteString("resourceId", id);
        if (error.ResourceArn is { } arn)
            json.WriteString("resourceArn", arn);
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }
}
