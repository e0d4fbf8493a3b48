using System.Globalization;
using System.Text;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Embedded.Registry.Index;

/// <summary>A query of the index as a condition on a row of <c>thing</c>. The registry itself is the index: what is found is what is there.</summary>
internal sealed class IndexSql
{
    private const string AttributePrefix = "attributes.";

    /// <summary>"Things whose parent thing group or billing group has that name" (AWS IoT Developer Guide, Example thing queries).</summary>
    private static string InGroup(string thingGroup, string billingGroup) => $"""
        (EXISTS (SELECT 1 FROM thing_group_member JOIN thing_group ON thing_group.id = group_id WHERE thing_id = thing.id AND {thingGroup})
         OR EXISTS (SELECT 1 FROM billing_group WHERE id = thing.billing_group_id AND {billingGroup}))
        """;

    private readonly string _query;
    private readonly List<object?> _values;

    private IndexSql(string query, List<object?> values) => (_query, _values) = (query, values);

    /// <param name="query">In AWS's syntax.</param>
    /// <param name="values">Values that are bound already; those of the query are added.</param>
    /// <exception cref="CdfException">InvalidQuery.</exception>
    public static string Where(string query, List<object?> values) => new IndexSql(query, values).Of(IndexQueryParser.Parse(query));

    private string Of(IndexQuery query) => query switch
    {
        IndexQuery.All all => $"({string.Join(" AND ", all.Parts.Select(Of))})",
        IndexQuery.Any any => $"({string.Join(" OR ", any.Parts.Select(Of))})",
        IndexQuery.Not not => $"NOT {Of(not.Part)}",
        IndexQuery.Term { Field: null, Value: "*" } => "TRUE",
        IndexQuery.Term term => OnField(term.Field, value => Matches(value, term.Value)),
        IndexQuery.Range range => OnField(range.Field, value => Between(value, range)),
        _ => throw new InvalidOperationException(query.ToString()),
    };

    /// <summary>A condition on the values of a field; where none is named, on any.</summary>
    private string OnField(string? field, Func<string, string> condition) => field switch
    {
        null =>
            $"""
            ({condition("thing.name")} OR {OnField("thingId", condition)} OR {OnField("thingTypeName", condition)} OR {OnField("thingGroupNames", condition)}
             OR EXISTS (SELECT 1 FROM json_each(coalesce(thing.attributes, '{"{}"}')) WHERE {condition("json_each.value")}))
            """,
        "thingName" => condition("thing.name"),
        "thingId" => condition(ThingId),
        "thingTypeName" or "registry.thingTypeName" => $"EXISTS (SELECT 1 FROM thing_type WHERE id = thing.type_id AND {condition("thing_type.name")})",
        "thingGroupNames" or "registry.thingGroupNames" => InGroup(condition("thing_group.name"), condition("billing_group.name")),
        _ when field.StartsWith(AttributePrefix, StringComparison.Ordinal) && field.Length > AttributePrefix.Length =>
            $"coalesce({condition($"json_extract(thing.attributes, {Bind(Path(field[AttributePrefix.Length..]))})")}, FALSE)",

        // In AWS's words (awsdocs/aws-iot-docs, pull request 30).
        _ => throw IotErrorType.InvalidQuery.Error(
            $"Unable to parse query, invalid field name, field name: {IotNames.Shown(field)}, query string: {IotNames.Shown(_query)}"),
    };

    /// <summary>Ids are stored as .NET writes a GUID: the first three parts with their bytes turned.</summary>
    private const string ThingId = """
        lower(substr(hex(uuid), 7, 2) || substr(hex(uuid), 5, 2) || substr(hex(uuid), 3, 2) || substr(hex(uuid), 1, 2) || '-' ||
              substr(hex(uuid), 11, 2) || substr(hex(uuid), 9, 2) || '-' || substr(hex(uuid), 15, 2) || substr(hex(uuid), 13, 2) || '-' ||
              substr(hex(uuid), 17, 4) || '-' || substr(hex(uuid), 21))
        """;

    /// <summary>"Search is case insensitive" (AWS IoT Developer Guide, Query syntax).</summary>
    private string Matches(string value, string pattern)
    {
        if (pattern == "*")
            return $"{value} IS NOT NULL";
        var like = new StringBuilder();
        var hasWildcard = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var isEscaped = pattern[i] == '\\' && i + 1 < pattern.Length;
            var c = isEscaped ? pattern[++i] : pattern[i];
            if (!isEscaped && c is '*' or '?')
            {
                hasWildcard = true;
                like.Append(c == '*' ? '%' : '_');
                continue;
            }

            if (c is '%' or '_' or '\\')
                like.Append('\\');
            like.Append(c);
        }

        return hasWildcard
            ? $@"{value} LIKE {Bind(like.ToString())} ESCAPE '\'"
            : $"{value} = {Bind(IndexQueryParser.Unescape(pattern))} COLLATE NOCASE";
    }

    /// <summary>Numbers are compared as numbers, anything else as text.</summary>
    private string Between(string value, IndexQuery.Range range)
    {
        var (from, to) = (range.From is null ? null : IndexQueryParser.Unescape(range.From), range.To is null ? null : IndexQueryParser.Unescape(range.To));
        var conditions = new List<string>();
        if ((from is null || Number(from) is not null) && (to is null || Number(to) is not null) && (from ?? to) is not null)
        {
            conditions.Add(IsNumber(value));
            Add($"CAST({value} AS REAL)", Number(from), Number(to), "");
        }
        else
        {
            conditions.Add($"{value} IS NOT NULL");
            Add(value, from, to, " COLLATE NOCASE");
        }

        return $"({string.Join(" AND ", conditions)})";

        void Add(string expression, object? least, object? most, string collation)
        {
            if (least is not null)
                conditions.Add($"{expression} {(range.WithFrom ? ">=" : ">")} {Bound(least)}{collation}");
            if (most is not null)
                conditions.Add($"{expression} {(range.WithTo ? "<=" : "<")} {Bound(most)}{collation}");
        }

        string Bound(object bound) => bound is string ? Bind(bound) : $"CAST({Bind(((double)bound).ToString("R", CultureInfo.InvariantCulture))} AS REAL)";
    }

    /// <summary>What looks like a number; CAST makes 0 of the rest.</summary>
    public static string IsNumber(string value) => $"({value} GLOB '*[0-9]*' AND {value} NOT GLOB '*[^-+0-9.eE]*' AND {value} NOT GLOB '?*[-+]*[-+]*')";

    private static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    /// <summary>The place of an attribute in the column.</summary>
    public static string Path(string attribute)
    {
        IotNames.CheckAttributeName(attribute);
        return $"$.\"{attribute}\"";
    }

    private string Bind(object value)
    {
        _values.Add(value);
        return $"${_values.Count.ToString(CultureInfo.InvariantCulture)}";
    }
}
