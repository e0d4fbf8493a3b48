using System.Text;
using System.Text.Json;

namespace CdfProvisioning.Templates;

/// <summary>Reads a template's JSON into nodes that know their place.</summary>
internal sealed class TemplateReader(byte[] utf8, TemplateProblems problems)
{
    private readonly TextCursor _cursor = new(utf8);

    /// <returns>Null if the text is not JSON, which is then among the problems.</returns>
    public TemplateNode? Read()
    {
        try
        {
            var reader = new Utf8JsonReader(utf8);
            reader.Read();
            var root = ReadValue(ref reader, "$");
            reader.Read();
            return root;
        }
        catch (JsonException e)
        {
            var (line, column) = TextCursor.Locate(utf8, e.LineNumber ?? 0, e.BytePositionInLine ?? 0);
            problems.Error(new("$", line, column), $"This is not JSON: {WithoutPosition(e.Message)}");
            return null;
        }
    }

    private TemplateNode ReadValue(ref Utf8JsonReader reader, string path)
    {
        var (line, column) = _cursor.MoveTo((int)reader.TokenStartIndex);
        var place = new TemplatePlace(path, line, column);
        var node = reader.TokenType switch
        {
            JsonTokenType.StartObject => new TemplateNode(JsonValueKind.Object, place) { Members = ReadMembers(ref reader, path) },
            JsonTokenType.StartArray => new TemplateNode(JsonValueKind.Array, place) { Items = ReadItems(ref reader, path) },
            JsonTokenType.String => new TemplateNode(JsonValueKind.String, place) { Text = ReadString(ref reader, place) },
            var scalar => new TemplateNode(KindOf(scalar), place) { Text = Encoding.UTF8.GetString(reader.ValueSpan) },
        };
        return node with { End = (int)reader.BytesConsumed };
    }

    private List<TemplateMember> ReadMembers(ref Utf8JsonReader reader, string path)
    {
        var members = new List<TemplateMember>();
        var names = new HashSet<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var start = (int)reader.TokenStartIndex;
            var (line, column) = _cursor.MoveTo(start);
            var name = ReadString(ref reader, new(path, line, column));
            var memberPath = PathOf(path, name);
            reader.Read();
            var value = ReadValue(ref reader, memberPath);
            if (names.Add(name))
                members.Add(new(name, start, value));
            else
                problems.Error(new(memberPath, line, column), $"'{name}' occurs twice in one object: remove one.");
        }

        return members;
    }

    private List<TemplateNode> ReadItems(ref Utf8JsonReader reader, string path)
    {
        var items = new List<TemplateNode>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            items.Add(ReadValue(ref reader, $"{path}[{items.Count}]"));
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
        JsonTokenType.Number => JsonValueKind.Number,
        JsonTokenType.True => JsonValueKind.True,
        JsonTokenType.False => JsonValueKind.False,
        _ => JsonValueKind.Null,
    };

    private static string PathOf(string parent, string name) =>
        name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? $"{parent}.{name}" : $"{parent}['{name}']";

    /// <summary>The reader ends its messages with a position of its own, and with advice to its caller.</summary>
    private static string WithoutPosition(string message)
    {
        var position = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (position < 0 ? message : message[..position]).Replace(" Change the reader options.", "", StringComparison.Ordinal);
    }
}
