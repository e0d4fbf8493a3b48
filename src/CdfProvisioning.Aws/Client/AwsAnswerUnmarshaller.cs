using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Amazon.Runtime;
using Amazon.Runtime.Internal.Transform;
using Amazon.Runtime.Internal.Util;

namespace CdfProvisioning.Aws.Client;

/// <summary>Reads an answer into a record, and an error of any of AWS's forms into an exception.</summary>
internal sealed class AwsAnswerUnmarshaller(JsonTypeInfo response) : JsonResponseUnmarshaller
{
    public override AmazonWebServiceResponse Unmarshall(JsonUnmarshallerContext input)
    {
        using var body = new MemoryStream();
        input.Stream.CopyTo(body);
        var json = body.Length == 0 ? "{}"u8 : body.GetBuffer().AsSpan(0, (int)body.Length);
        return new AwsAnswer { Record = JsonSerializer.Deserialize(json, response) };
    }

    public override AmazonServiceException UnmarshallException(JsonUnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
    {
        var reader = new StreamingUtf8JsonReader(input.Stream);
        var error = JsonErrorResponseUnmarshaller.GetInstance().Unmarshall(input, ref reader);
        var exception = new AmazonServiceException(error.Message, innerException, error.Type, error.Code, error.RequestId, statusCode);
        foreach (var member in ExistingResource.Members)
            exception.Data[member] = Text(input.ResponseBody, member);
        return exception;
    }

    private static string? Text(string body, string member)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.TryGetProperty(member, out var value) ? value.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
