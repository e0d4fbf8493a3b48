using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CdfProvisioning.Lists;

/// <summary>
/// The parameters of a row as a JSON object: numbers and booleans become their text, null is as good as absent, and what is
/// nested is refused, since a parameter is a string.
/// </summary>
internal sealed class ParametersJson : JsonConverter<IReadOnlyDictionary<string, string>>
{
    public static JsonSerializerOptions Options { get; } = With(new ParametersJson());

    /// <summary>How many rows this converter has read: a reader that reads ahead wants to say which one is wrong.</summary>
    public long RowsRead { get; private set; }

    public override bool HandleNull => true;

    public static JsonSerializerOptions With(ParametersJson converter) => new() { Converters = { converter } };

    public override IReadOnlyDictionary<string, string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException($"it is {Describe(reader.TokenType)}, not an object");

        var parameters = new Dictionary<string, string>();
        var names = new HashSet<string>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (!names.Add(name))
                throw new JsonException($"it has two members '{name}'");
            if (reader.TokenType != JsonTokenType.Null)
                parameters.Add(name, Value(ref reader, name));
        }
        RowsRead++;
        return parameters;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, text) in value)
            writer.WriteString(name, text);
        writer.WriteEndObject();
    }

    private static string Value(ref Utf8JsonReader reader, string name) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString()!,
        JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        var other => throw new JsonException($"its member '{name}' is {Describe(other)}, and a parameter is a string"),
    };

    private static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.Null => "null",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        _ => "a boolean",
    };
}
