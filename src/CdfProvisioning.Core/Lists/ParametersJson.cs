using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.Lists;

/// <summary>
/// The parameters of a row as a JSON object: numbers and booleans become their text as it is written, null is as good as
/// absent, and what is nested is noted, since it is wrong only where something uses it.
/// </summary>
/// <param name="keepsAll">Whether what has no value, or one that is no text, is written too (as null and {}), for those who read it again; a row that could not be read is a string then, which says why.</param>
internal sealed class ParametersJson(bool keepsAll) : JsonConverter<IReadOnlyDictionary<string, string>>
{
    private const string Object = "an object";
    private const string Array = "an array";
    private const int MaxNamesKept = 64;

    public ParametersJson()
        : this(keepsAll: false)
    {
    }

    /// <summary>The texts alone, for those who know no other.</summary>
    public static JsonSerializerOptions Options { get; } = With(new ParametersJson());

    /// <summary>Everything there is to know of a row.</summary>
    public static JsonSerializerOptions KeepingAll { get; } = With(new ParametersJson(keepsAll: true));

    /// <summary>The names of the row that was read last, of which the next has the same: one string each for all of them.</summary>
    private volatile string[] _names = [];

    /// <summary>How many rows this converter has read: a reader that reads ahead wants to say which one is wrong.</summary>
    public long RowsRead { get; private set; }

    public override bool HandleNull => true;

    public static JsonSerializerOptions With(ParametersJson converter) => new() { Converters = { converter } };

    public override IReadOnlyDictionary<string, string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (keepsAll && reader.TokenType == JsonTokenType.String)
            return new GivenParameters { Problem = reader.GetString() };
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException($"it is {Describe(reader.TokenType)}, not an object");

        var parameters = new GivenParameters();
        HashSet<string>? others = null; // the names that are not in the dictionary
        var position = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Name(ref reader, position++);
            reader.Read();
            if (!(reader.TokenType is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False
                ? others?.Contains(name) is not true && parameters.TryAdd(name, Value(ref reader, name))
                : !parameters.ContainsKey(name) && (others ??= []).Add(name)))
                throw new JsonException($"it has two members '{name}'");

            if (reader.TokenType == JsonTokenType.Null)
                parameters.AddWithoutValue(name);
            if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
                continue;
            parameters.AddUnusable(name, Describe(reader.TokenType));
            _ = reader.TrySkip(); // a row is read as a whole, and so there is nothing to wait for
        }

        RowsRead++;
        return parameters;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> value, JsonSerializerOptions options)
    {
        if (keepsAll && GivenParameters.ProblemOf(value) is { } problem)
        {
            writer.WriteStringValue(problem);
            return;
        }

        writer.WriteStartObject();
        foreach (var (name, text) in value)
            writer.WriteString(name, text);
        if (keepsAll && value is GivenParameters given)
        {
            foreach (var name in given.WithoutValue)
                writer.WriteNull(name);
            foreach (var (name, kind) in given.Unusable)
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(kind == Array ? "[]" : "{}");
            }
        }

        writer.WriteEndObject();
    }

    private string Name(ref Utf8JsonReader reader, int position)
    {
        var names = _names;
        if (position < names.Length && !reader.ValueIsEscaped && reader.ValueTextEquals(names[position]))
            return names[position];
        var name = Text(ref reader, memberName: null);
        if (position < MaxNamesKept && position <= names.Length)
            _names = [.. names.AsSpan(0, position), name];
        return name;
    }

    private static string Value(ref Utf8JsonReader reader, string name) => reader.TokenType switch
    {
        JsonTokenType.String => Text(ref reader, name),
        JsonTokenType.Number => reader.HasValueSequence ? Encoding.UTF8.GetString(reader.ValueSequence) : Encoding.UTF8.GetString(reader.ValueSpan),
        JsonTokenType.True => "true",
        _ => "false",
    };

    /// <param name="reader">Stands on the text.</param>
    /// <param name="memberName">Whose value it is; null for a name itself.</param>
    private static string Text(ref Utf8JsonReader reader, string? memberName)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException($"{(memberName is null ? "a member's name" : $"its member '{memberName}'")} is not Unicode", e); // half a surrogate pair, escaped
        }
    }

    private static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => Object,
        JsonTokenType.StartArray => Array,
        JsonTokenType.Null => "null",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        _ => "a boolean",
    };
}
