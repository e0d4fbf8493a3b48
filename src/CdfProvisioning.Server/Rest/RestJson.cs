using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CdfProvisioning.Lists;

namespace CdfProvisioning.Server.Rest;

/// <summary>The JSON of the REST API: camelCase members, absent ones omitted, dates as in ISO 8601.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(ParametersJson), typeof(Dates)])]
[JsonSerializable(typeof(ProvisionRequest))]
[JsonSerializable(typeof(ProvisionResponse))]
[JsonSerializable(typeof(Thing))]
[JsonSerializable(typeof(PatchCertificateRequest))]
[JsonSerializable(typeof(BulkRegistrationTask))]
[JsonSerializable(typeof(BulkRegistrationTaskList))]
[JsonSerializable(typeof(BulkRegistrationResult))]
[JsonSerializable(typeof(Error))]
[JsonSerializable(typeof(Health))]
internal sealed partial class RestJson : JsonSerializerContext
{
    /// <summary>PEM has many a plus sign, and need not be safe in HTML.</summary>
    public static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What is wrong with JSON that cannot be read, without the reader's names for it.</summary>
    /// <param name="exception">What the reader says.</param>
    /// <param name="where">What it was reading, to begin the sentence with.</param>
    public static CdfException Failure(JsonException exception, string where)
    {
        var path = exception.Path is null or "$" ? "" : $", {exception.Path}";
        return CdfErrorCode.InvalidRequest.Error($"{where}{path}: {Describe(exception.Message)}.", exception);
    }

    /// <summary>As the original service writes them, by JavaScript's toISOString: <c>2026-01-02T03:04:05.440Z</c>.</summary>
    private sealed class Dates : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
    }

    /// <summary>The place as a reader sees it: lines and bytes counted from 1.</summary>
    public static string Place(JsonException exception) => $"line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}";

    private static string Describe(string message)
    {
        if (message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal))
            return "the value is of the wrong type";
        if (message.IndexOf(" encountered during", StringComparison.Ordinal) is > 0 and var type)
            return message[..type];
        if (message.Contains(" LineNumber: ", StringComparison.Ordinal) && message.IndexOf(". ", StringComparison.Ordinal) is > 0 and var sentence)
            return message[..sentence];
        return message.TrimEnd('.');
    }
}
