using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CdfProvisioning.Iot.Model;

/// <summary>What the values of one of AWS's types can be.</summary>
internal abstract class Shape
{
    private const string MapKeys = "Map keys must satisfy constraint";
    private const string MapValue = "Map value must satisfy constraint";
    private const string Item = "Member must satisfy constraint";

    /// <summary>The rules, in AWS's words, as it tells them where an item of a list or a map breaks one.</summary>
    protected virtual IEnumerable<string> Rules => [];

    /// <summary>Notes what is wrong with <paramref name="value"/>, which is a record, a list, a map, a text, a number, or the JSON of one.</summary>
    public abstract void Check(string path, object value, List<string> problems);

    protected static void Note(List<string> problems, string path, object? value, string rule) =>
        problems.Add($"Value {(value is null ? "null" : $"'{IotNames.Shown(Text(value))}'")} at '{path}' failed to satisfy constraint: {rule}");

    protected static string? TextOf(object value) => value switch
    {
        string text => text,
        JsonValue json when json.GetValueKind() == JsonValueKind.String => json.GetValue<string>(),
        _ => null,
    };

    protected static IEnumerable<string> SizeRules(int? min, long? max, string what)
    {
        if (max is not null)
            yield return $"Member must have {what} less than or equal to {max}";
        if (min is not null)
            yield return $"Member must have {what} greater than or equal to {min}";
    }

    protected static void CheckSize(string path, object value, long size, int? min, long? max, string what, List<string> problems)
    {
        if (size > max)
            Note(problems, path, value, $"Member must have {what} less than or equal to {max}");
        if (size < min)
            Note(problems, path, value, $"Member must have {what} greater than or equal to {min}");
    }

    private static string Text(object value) => value switch
    {
        string or JsonValue => TextOf(value) ?? value.ToString()!,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable list => $"[{string.Join(", ", list.Cast<object>().Take(3).Select(Text))}]",
        _ => "",
    };

    /// <summary>A text: its length, and either a pattern or a set of values.</summary>
    internal sealed class TextShape(int? min, int? max, string? pattern, IReadOnlyList<string>? values) : Shape
    {
        private readonly CharacterSet? _set = pattern is null ? null : CharacterSet.Of(pattern);
        private readonly Lazy<Regex?> _regex = new(() => pattern is null or @"[\s\S]*" ? null : CharacterSet.ToRegex(pattern));

        public int? MaxLength => max;

        /// <summary>The pattern with the length, such as <c>[a-z]{1,128}</c>.</summary>
        public string Description => _set is null || max is null ? pattern ?? "" : $"{pattern![..^1]}{{{_set.MinLength(min)},{max}}}";

        protected override IEnumerable<string> Rules => values is not null
            ? [EnumRule]
            : pattern is null ? SizeRules(min, max, "length") : [.. SizeRules(min, max, "length"), PatternRule];

        private string EnumRule => $"Member must satisfy enum value set: [{string.Join(", ", values!)}]";

        private string PatternRule => $"Member must satisfy regular expression pattern: {pattern}";

        public bool Fits(string text) => !(text.Length > max) && !(text.Length < min) && Matches(text) && (values is null || values.Contains(text));

        public override void Check(string path, object value, List<string> problems)
        {
            if (TextOf(value) is not { } text || Fits(text))
                return;
            CheckSize(path, text, text.Length, min, max, "length", problems);
            if (!Matches(text))
                Note(problems, path, text, PatternRule);
            if (values is not null && !values.Contains(text))
                Note(problems, path, text, EnumRule);
        }

        private bool Matches(string text) => _set is null ? _regex.Value?.IsMatch(text) ?? true : _set.Matches(text);
    }

    /// <summary>A number within bounds.</summary>
    internal sealed class NumberShape(int? min, long? max) : Shape
    {
        protected override IEnumerable<string> Rules => SizeRules(min, max, "value");

        public override void Check(string path, object value, List<string> problems)
        {
            long? number = value switch
            {
                int n => n,
                long n => n,
                JsonValue json when json.TryGetValue<long>(out var n) => n,
                _ => null,
            };
            if (number is { } n1)
                CheckSize(path, n1, n1, min, max, "value", problems);
        }
    }

    /// <summary>Bytes, base64 in JSON.</summary>
    internal sealed class BlobShape(int? min, int? max) : Shape
    {
        public override void Check(string path, object value, List<string> problems)
        {
            if (TextOf(value) is { } text && text.TrimEnd('=') is var bare)
                CheckSize(path, "", bare.Length * 3L / 4, min, max, "length", problems);
        }
    }

    /// <summary>A list.</summary>
    internal sealed class ListShape(Func<Shape?> item, int? min, int? max) : Shape
    {
        public override void Check(string path, object value, List<string> problems)
        {
            if (value is not IEnumerable list || value is string or JsonObject)
                return;
            var shape = item();
            var number = 0;
            foreach (var entry in list)
            {
                number++;
                if (entry is null || shape is null)
                    continue;
                if (shape is StructureShape)
                {
                    shape.Check($"{path}.{number}.member", entry, problems);
                    continue;
                }

                var ofItem = new List<string>();
                shape.Check(path, entry, ofItem);
                if (ofItem.Count > 0)
                    Note(problems, path, value, $"{Item}: [{string.Join(", ", shape.Rules)}]");
            }

            CheckSize(path, value, number, min, max, "length", problems);
        }
    }

    /// <summary>A map from texts.</summary>
    internal sealed class MapShape(Func<Shape?> key, Func<Shape?> value) : Shape
    {
        public override void Check(string path, object map, List<string> problems)
        {
            var (keys, values) = (key(), value());
            switch (map)
            {
                case IReadOnlyDictionary<string, string> texts:
                    foreach (var (name, text) in texts)
                        CheckEntry(name, text);
                    break;
                case JsonObject json:
                    foreach (var (name, node) in json)
                        CheckEntry(name, node);
                    break;
            }

            void CheckEntry(string name, object? entry)
            {
                // The rows of a list bring many, and hardly ever a bad one.
                if (keys is TextShape text && !text.Fits(name))
                    Note(problems, path, name, $"{MapKeys}: [{string.Join(", ", keys.Rules)}]");
                if (entry is null || values is null)
                    return;
                if (values is StructureShape)
                {
                    values.Check($"{path}.{name}.member", entry, problems);
                    return;
                }

                if (values is TextShape texts && TextOf(entry) is { } given && !texts.Fits(given))
                    Note(problems, path, $"{name}={IotNames.Shown(given)}", $"{MapValue}: [{string.Join(", ", values.Rules)}]");
            }
        }
    }

    /// <summary>A request, or what is a structure within one.</summary>
    internal sealed class StructureShape(IReadOnlyList<StructureMember> members) : Shape
    {
        public override void Check(string path, object value, List<string> problems)
        {
            if (value is JsonNode and not JsonObject)
                return; // Of the wrong type, which whoever reads it says.
            var record = value is JsonObject ? null : RecordMembers.Of(value.GetType());
            foreach (var member in members)
            {
                var given = record is null ? ((JsonObject)value)[member.Name] : record.Get(value, member.Name);
                var at = path.Length == 0 ? Camel(member.Name) : $"{path}.{Camel(member.Name)}";
                if (given is not null)
                    member.Shape()?.Check(at, given, problems);
                else if (member.IsRequired)
                    Note(problems, at, value: null, "Member must not be null");
            }
        }

        /// <summary>AWS names members so, whatever they are called in the request (<c>tags.1.member.key</c>).</summary>
        private static string Camel(string name) => char.IsUpper(name[0]) ? char.ToLowerInvariant(name[0]) + name[1..] : name;
    }
}

/// <summary>A member of a structure.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="IsRequired">Whether it has to be there.</param>
/// <param name="Shape">What its values can be; null if anything.</param>
internal sealed record StructureMember(string Name, bool IsRequired, Func<Shape?> Shape);
