using System.Globalization;
using System.Text.Json;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Embedded.Registry.Index;

/// <summary>
/// Fleet indexing of the registry's own data: the index <c>AWS_Things</c>, which needs no building. It is on from the start, where
/// AWS's has to be switched on.
/// </summary>
internal static class ThingIndex
{
    public const string Name = "AWS_Things";
    public const string QueryVersion = "2017-09-30";

    private const string ConfigurationSetting = "indexing_configuration";
    private const string Off = "OFF";
    private const string String = "String";
    private const string Number = "Number";
    private const int DefaultPageSize = 100;

    /// <summary>AWS IoT Developer Guide, Managing thing indexing.</summary>
    private static readonly IReadOnlyList<IndexedField> ManagedFields =
    [
        new("thingName", String), new("thingId", String), new("registry.version", Number), new("registry.thingTypeName", String), new("registry.thingGroupNames", String),
    ];

    private static readonly IReadOnlyList<IndexedField> ManagedGroupFields =
    [
        new("name", String), new("description", String), new("thingGroupId", String), new("parentGroupNames", String), new("version", Number),
    ];

    public static SearchIndexResponse Search(Scope scope, SearchIndexRequest request)
    {
        Check(scope, request.IndexName, request.QueryVersion);
        var values = new List<object?>();
        var where = IndexSql.Where(request.QueryString, values);
        var (things, nextToken) = Paging.ByToken("index", request.NextToken, request.MaxResults ?? DefaultPageSize).Read(
            scope.Session,
            new($"SELECT id, name, uuid, type_id, billing_group_id, attributes FROM thing WHERE {where}", "id"),
            row => new FoundThing(row.Int64(0), row.Text(1), row.Guid(2), row.Int64OrNull(3), row.Int64OrNull(4), AttributesColumn.Read(row.TextOrNull(5))),
            [.. values]);
        return new(nextToken, [.. things.Select(thing => Document(scope, thing))]);
    }

    public static DescribeIndexResponse Describe(Scope scope, DescribeIndexRequest request)
    {
        Check(scope, request.IndexName, queryVersion: null);
        return new(Name, "ACTIVE", Configuration(scope).ThingIndexingConfiguration!.ThingIndexingMode);
    }

    public static ListIndicesResponse List(Scope scope, ListIndicesRequest request) =>
        new(IsOn(scope) ? [Name] : [], NextToken: null);

    public static GetIndexingConfigurationResponse Get(Scope scope, GetIndexingConfigurationRequest request)
    {
        var configuration = Configuration(scope);
        var things = configuration.ThingIndexingConfiguration!;
        var groups = configuration.ThingGroupIndexingConfiguration!;
        return new(
            things.ThingIndexingMode == Off ? things : things with { ManagedFields = ManagedFields },
            groups.ThingGroupIndexingMode == Off ? groups : groups with { ManagedFields = ManagedGroupFields });
    }

    /// <summary>What is given replaces what there was, whole; shadows and connections are not here to be indexed.</summary>
    public static UpdateIndexingConfigurationResponse Update(Scope scope, UpdateIndexingConfigurationRequest request)
    {
        foreach (var field in request.ThingIndexingConfiguration?.CustomFields ?? [])
            if (field.Name is null || field.Type is null)
                throw IotErrorType.InvalidRequest.Error("A custom field has a name and a type.");
        if (request.ThingIndexingConfiguration is { ThingIndexingMode: Off, CustomFields.Count: > 0 })
            throw IotErrorType.InvalidRequest.Error("Custom fields cannot be indexed while thingIndexingMode is OFF.");
        var present = Configuration(scope);
        var changed = new GetIndexingConfigurationResponse(
            request.ThingIndexingConfiguration is { } things ? things with { ManagedFields = null } : present.ThingIndexingConfiguration,
            request.ThingGroupIndexingConfiguration is { } groups ? groups with { ManagedFields = null } : present.ThingGroupIndexingConfiguration);
        Settings.Delete(scope.Session, ConfigurationSetting);
        Settings.GetOrAdd(scope.Session, ConfigurationSetting, JsonSerializer.Serialize(changed, IotJson.Default.GetIndexingConfigurationResponse));
        return new();
    }

    /// <summary>AWS IoT Developer Guide, Querying for aggregate data.</summary>
    public static GetStatisticsResponse GetStatistics(Scope scope, GetStatisticsRequest request)
    {
        Check(scope, request.IndexName, request.QueryVersion);
        var values = new List<object?>();
        var (expression, type, from) = Aggregated(scope, request.AggregationField, values);
        var where = IndexSql.Where(request.QueryString, values);
        if (type == String)
            return new(new(scope.Session.Scalar<long>($"SELECT count(DISTINCT thing.id) FROM {from} WHERE {where} AND {expression} IS NOT NULL", [.. values])));

        var number = type == Number
            ? $"CASE WHEN {IndexSql.IsNumber(expression)} THEN CAST({expression} AS REAL) END"
            : $"CASE lower({expression}) WHEN 'true' THEN 1.0 WHEN 'false' THEN 0.0 END";
        var (count, sum, least, most, squares) = scope.Session.Single(
            $"SELECT count(v), {Exactly("sum(v)")}, {Exactly("min(v)")}, {Exactly("max(v)")}, {Exactly("sum(v * v)")} FROM (SELECT {number} AS v FROM {from} WHERE {where})",
            row => (row.Int64(0), Double(row.TextOrNull(1)), Double(row.TextOrNull(2)), Double(row.TextOrNull(3)), Double(row.TextOrNull(4))), [.. values]);
        if (count == 0)
            return new(new(0));
        var average = sum / count;
        var variance = Math.Max(0, (squares / count) - (average * average));
        return new(new(count, average, sum, least, most, squares, variance, Math.Sqrt(variance)));
    }

    public static GetCardinalityResponse GetCardinality(Scope scope, GetCardinalityRequest request)
    {
        Check(scope, request.IndexName, request.QueryVersion);
        var values = new List<object?>();
        var (expression, _, from) = Aggregated(scope, request.AggregationField, values);
        var where = IndexSql.Where(request.QueryString, values);
        return new(scope.Session.Scalar<long>($"SELECT count(DISTINCT {expression}) FROM {from} WHERE {where}", [.. values]));
    }

    /// <exception cref="CdfException">InvalidQuery.</exception>
    public static void CheckQuery(string query) => IndexSql.Where(query, []);

    /// <exception cref="CdfException">NotFound: there is no such index. Conflict: it is switched off. InvalidRequest: no such version.</exception>
    public static void Check(Scope scope, string? index, string? queryVersion)
    {
        if (index is not null and not Name)
            throw IotErrorType.ResourceNotFound.Error($"Index '{index}' does not exist: things are in {Name}, and thing groups are not indexed here.");
        if (queryVersion is not null and not QueryVersion)
            throw IotErrorType.InvalidQuery.Error($"Query version '{IotNames.Shown(queryVersion)}' is not known: use {QueryVersion}.");
        if (!IsOn(scope))
            throw IotErrorType.IndexNotReady.Error($"Index {Name} is not ready: thingIndexingMode is OFF.");
    }

    private static bool IsOn(Scope scope) => Configuration(scope).ThingIndexingConfiguration!.ThingIndexingMode != Off;

    private static GetIndexingConfigurationResponse Configuration(Scope scope) => Settings.Find(scope.Session, ConfigurationSetting) is { } json
        ? JsonSerializer.Deserialize(json, IotJson.Default.GetIndexingConfigurationResponse)!
        : new(new("REGISTRY"), new(Off));

    /// <summary>A managed field, or a custom one that the configuration has: others have no type.</summary>
    private static (string Expression, string Type, string From) Aggregated(Scope scope, string? field, List<object?> values)
    {
        const string things = "thing";
        switch (field)
        {
            case null or "registry.version":
                return ("thing.version", Number, things);
            case "thingName":
                return ("thing.name", String, things);
            case "thingId":
                return ("hex(thing.uuid)", String, things);
            case "thingTypeName" or "registry.thingTypeName":
                return ("(SELECT name FROM thing_type WHERE id = thing.type_id)", String, things);
            case "thingGroupNames" or "registry.thingGroupNames":
                return ("groups.name", String,
                    "thing LEFT JOIN (SELECT thing_id, name FROM thing_group_member JOIN thing_group ON thing_group.id = group_id) AS groups ON groups.thing_id = thing.id");
        }

        var type = Configuration(scope).ThingIndexingConfiguration!.CustomFields?.FirstOrDefault(f => f.Name == field)?.Type;
        if (type is null || !field.StartsWith("attributes.", StringComparison.Ordinal))
            throw IotErrorType.InvalidAggregation.Error($"Aggregation field '{IotNames.Shown(field)}' is neither a managed field nor one of the customFields of the indexing configuration.");
        values.Add(IndexSql.Path(field["attributes.".Length..]));
        return ($"json_extract(thing.attributes, ${values.Count.ToString(CultureInfo.InvariantCulture)})", type, things);
    }

    private static string Exactly(string sql) => $"printf('%.17g', {sql})";

    private static double Double(string? text) => text is null ? 0 : double.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>Thing groups and billing groups stand together (AWS IoT API Reference, ThingDocument).</summary>
    private static ThingDocument Document(Scope scope, FoundThing thing)
    {
        var groups = scope.Session.Query(
            "SELECT name FROM thing_group_member JOIN thing_group ON thing_group.id = group_id WHERE thing_id = $1 ORDER BY group_id", row => row.Text(0), thing.Key);
        if (thing.BillingGroup is { } billingGroup)
            groups.Add(scope.Session.Scalar<string>("SELECT name FROM billing_group WHERE id = $1", billingGroup)!);
        return new(
            thing.Name, thing.Id.ToString(), thing.Type is { } type ? scope.Session.Scalar<string>("SELECT name FROM thing_type WHERE id = $1", type) : null,
            groups.Count == 0 ? null : groups, thing.Attributes.Count == 0 ? null : thing.Attributes);
    }

    private sealed record FoundThing(long Key, string Name, Guid Id, long? Type, long? BillingGroup, IReadOnlyDictionary<string, string> Attributes);
}
