using System.Text;
using System.Text.Json;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Templates;

/// <summary>Reads a template's JSON into nodes that know their place.</summary>
internal sealed class TemplateReader(TemplateText text, TemplateProblems problems)
{
    /// <returns>Null if the text is not JSON, which is then among the problems.</returns>
    public TemplateNode? Read()
    {
        try
        {
            var reader = new Utf8JsonReader(text.Utf8);
            reader.Read();
            var root = ReadValue(ref reader, new(text, (int)reader.TokenStartIndex));
            reader.Read();
            return root;
        }
        catch (JsonException e)
        {
            var (line, column) = text.Locate(e.LineNumber ?? 0, e.BytePositionInLine ?? 0);
            problems.Error("$", line, column, $"This is not JSON: {JsonMessages.WithoutPlace(e.Message)}.");
            return null;
        }
    }

    private TemplateNode ReadValue(ref Utf8JsonReader reader, TemplatePlace place)
    {
        var token = reader.TokenType;
        var members = token == JsonTokenType.StartObject ? ReadMembers(ref reader, place) : null;
        var items = token == JsonTokenType.StartArray ? ReadItems(ref reader, place) : null;
        return new(KindOf(token), place)
        {
            Members = members ?? [],
            Items = items ?? [],
            Text = token switch
            {
                JsonTokenType.StartObject or JsonTokenType.StartArray => "",
                JsonTokenType.String => ReadString(ref reader, place),
                _ => Encoding.UTF8.GetString(reader.ValueSpan),
            },
            End = (int)reader.BytesConsumed,
        };
    }

    private List<TemplateMember> ReadMembers(ref Utf8JsonReader reader, TemplatePlace place)
    {
        var members = new List<TemplateMember>();
        var names = new HashSet<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var start = (int)reader.TokenStartIndex;
            var name = ReadString(ref reader, place with { Offset = start });
            reader.Read();
            var value = ReadValue(ref reader, new(text, (int)reader.TokenStartIndex, place, name));
            if (names.Add(name))
                members.Add(new(name, start, value));
            else
                problems.Error(value.Place with { Offset = start }, $"'{IotNames.Shown(name)}' occurs twice in one object: remove one.");
        }

        return members;
    }

    private List<TemplateNode> ReadItems(ref Utf8JsonReader reader, TemplatePlace place)
    {
        var items = new List<TemplateNode>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            items.Add(ReadValue(ref reader, new(text, (int)reader.TokenStartIndex, place, Item: items.Count)));
        return items;
    }

    private string ReadString(ref Utf8JsonReader reader, TemplatePlace place)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            problems.Error(place, @"The text has half a surrogate pair (\ud800 to \udfff): write the whole character.");
            return "";
        }
    }

    private static JsonValueKind KindOf(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => JsonValueKind.Object,
        JsonTokenType.StartArray => JsonValueKind.Array,
        JsonTokenType.String => JsonValueKind.String,
        JsonTokenType.Number => JsonValueKind.Number,
        JsonTokenType.True => JsonValueKind.True,
        JsonTokenType.False => JsonValueKind.False,
        _ => JsonValueKind.Null,
    };
}
