using System.Collections.Frozen;
using System.Globalization;

namespace CdfProvisioning.Iot.Model;

/// <summary>
/// The bounds that an AWS service sets to the members of its requests, from a table in which each line is a type:
/// <code>
/// ThingName text 1..128 [a-zA-Z0-9:_-]+
/// PageSize number 1..250
/// CertificateMode enum DEFAULT SNI_ONLY
/// TagList list Tag ..50
/// Attributes map AttributeName AttributeValue
/// DescribeThing structure thingName!=ThingName
/// </code>
/// A structure's members have <c>!</c> if they are required, and a type if it has bounds. The tables say what AWS's API References
/// say; <c>tests/CdfProvisioning.Testing/service_model.py table</c> prints one from an installed botocore.
/// </summary>
internal sealed class ServiceModel
{
    private readonly FrozenDictionary<string, Shape> _shapes;

    public ServiceModel(string table)
    {
        Table = table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        _shapes = Table.Select(line => line.Split(' ', 3)).ToFrozenDictionary(line => line[0], line => Parse(line[1], line.Length > 2 ? line[2] : ""));
    }

    /// <summary>The table's lines.</summary>
    public IReadOnlyList<string> Table { get; }

    public bool Has(string name) => _shapes.ContainsKey(name);

    /// <summary>A type whose values are texts.</summary>
    public Shape.TextShape Text(string name) => (Shape.TextShape)_shapes[name];

    /// <summary>What is wrong with a request, in AWS's words; null if nothing is.</summary>
    /// <param name="operation">The operation's name.</param>
    /// <param name="request">Our record, or JSON.</param>
    public string? FindProblem(string operation, object request)
    {
        if (!_shapes.TryGetValue(operation, out var shape))
            return null;
        var problems = new List<string>(0);
        shape.Check("", request, problems);
        return problems.Count == 0 ? null : $"{problems.Count} validation error{(problems.Count == 1 ? "" : "s")} detected: {string.Join("; ", problems)}";
    }

    private Shape Parse(string kind, string rest)
    {
        var words = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        switch (kind)
        {
            case "structure":
                return new Shape.StructureShape([.. words.Select(Member)]);
            case "list":
                var (minItems, maxItems) = Size(words, 1);
                return new Shape.ListShape(() => Find(words[0]), minItems, maxItems);
            case "map":
                return new Shape.MapShape(() => Find(words[0]), () => Find(words[1]));
            case "enum":
                return new Shape.TextShape(null, null, null, words);
            case "number":
                var (least, most) = Size(words, 0);
                return new Shape.NumberShape(least, most);
            case "blob":
                var (minBytes, maxBytes) = Size(words, 0);
                return new Shape.BlobShape(minBytes, maxBytes);
            default:
                var (min, max) = Size(words, 0);
                var pattern = min is null && max is null ? rest : rest[words[0].Length..].TrimStart();
                return new Shape.TextShape(min, max, pattern.Length == 0 ? null : pattern, null);
        }
    }

    private Shape? Find(string name) => _shapes.GetValueOrDefault(name);

    private StructureMember Member(string text)
    {
        var (name, type) = text.IndexOf('=') is var at and >= 0 ? (text[..at], text[(at + 1)..]) : (text, "");
        return new(name.TrimEnd('!'), name.EndsWith('!'), () => Find(type));
    }

    private static (int? Min, int? Max) Size(string[] words, int at)
    {
        var parts = at < words.Length ? words[at].Split("..") : [];
        return parts.Length == 2 && parts.All(p => p.All(char.IsAsciiDigit)) ? (Number(parts[0]), Number(parts[1])) : (null, null);
    }

    private static int? Number(string text) => text.Length == 0 ? null : int.Parse(text, CultureInfo.InvariantCulture);
}
