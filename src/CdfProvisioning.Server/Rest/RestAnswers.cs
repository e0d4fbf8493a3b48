using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.Rest;

/// <summary>Reads and answers requests in the API's JSON.</summary>
internal static class RestAnswers
{
    public static async Task AnswerAsync<T>(this HttpContext context, int status, T value, JsonTypeInfo<T> type)
    {
        var body = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(body, RestJson.WriterOptions))
            JsonSerializer.Serialize(json, value, type);

        context.Response.StatusCode = status;
        context.Response.ContentLength = body.WrittenCount;
        await context.Response.Body.WriteAsync(body.WrittenMemory);
    }

    /// <param name="context">The request.</param>
    /// <param name="location">The path of what was created, if it has one.</param>
    /// <param name="value">The answer.</param>
    /// <param name="type">Its JSON contract.</param>
    public static Task AnswerCreatedAsync<T>(this HttpContext context, string? location, T value, JsonTypeInfo<T> type)
    {
        context.Response.Headers.Location = location;
        return context.AnswerAsync(StatusCodes.Status201Created, value, type);
    }

    public static void AnswerNoContent(this HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        context.Response.ContentType = null;
    }

    public static Task RefuseAsync(HttpContext context, int status, string message)
    {
        if (context.Response.ContentType is not (MediaTypes.Cdf or MediaTypes.Json))
            context.Response.ContentType = MediaTypes.Cdf;
        return context.AnswerAsync(status, new Error(message), RestJson.Default.Error);
    }

    /// <summary>From the stream, since a server that stops cancels a read of Kestrel's BodyReader that waits for the end of a value.</summary>
    /// <exception cref="CdfException">InvalidRequest: the body is not the JSON of a <typeparamref name="T"/>.</exception>
    public static async ValueTask<T> ReadAsync<T>(this HttpContext context, JsonTypeInfo<T> type)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted)
                ?? throw new JsonException("it is null, not an object");
        }
        catch (JsonException e)
        {
            throw RestJson.Failure(e, $"The body, {RestJson.Place(e)}");
        }
    }

    /// <exception cref="CdfException">InvalidRequest: the body has no such member.</exception>
    public static string Required(string? value, string member) => string.IsNullOrEmpty(value)
        ? throw CdfErrorCode.InvalidRequest.Error($"The body has no '{member}', which is needed.")
        : value;

    public static int Status(CdfErrorCode code) => code switch
    {
        CdfErrorCode.NotFound => StatusCodes.Status404NotFound,
        CdfErrorCode.Conflict => StatusCodes.Status409Conflict,
        CdfErrorCode.Throttled => StatusCodes.Status429TooManyRequests,
        CdfErrorCode.AccessDenied => StatusCodes.Status403Forbidden,
        CdfErrorCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status400BadRequest,
    };
}
