using System.Text.Json;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Provisioning.Decisions;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>Thing types.</summary>
internal static class ThingTypes
{
    private const int MaxSearchableAttributes = 3;
    private const string Select = "SELECT id, name, uuid, description, searchable_attributes, created_at, deprecated_at, mqtt5 FROM thing_type";

    public static CreateThingTypeResponse Create(Scope scope, CreateThingTypeRequest request)
    {
        var name = request.ThingTypeName;
        var properties = request.ThingTypeProperties ?? new();
        IotNames.CheckThingTypeName(name);
        CheckSearchable(properties.SearchableAttributes);
        if (Find(scope, name) is { } existing)
            return existing.HasProperties(properties)
                ? new(name, scope.Arns.ThingType(name), existing.Id.ToString())
                : throw IotErrorType.ResourceAlreadyExists.Error(
                    $"Thing type {name} already exists in account with different properties", existing.Id.ToString(), scope.Arns.ThingType(name));

        var id = Guid.NewGuid();
        scope.Session.Execute(
            "INSERT INTO thing_type (name, uuid, description, searchable_attributes, created_at, mqtt5) VALUES ($1, $2, $3, $4, $5, $6)",
            name, id, properties.ThingTypeDescription, WriteSearchable(properties.SearchableAttributes), scope.Now, WriteMqtt5(properties.Mqtt5Configuration));
        Tags.Set(scope, $"thingtype/{name}", request.Tags);
        return new(name, scope.Arns.ThingType(name), id.ToString());
    }

    public static DescribeThingTypeResponse Describe(Scope scope, DescribeThingTypeRequest request)
    {
        var type = Get(scope, request.ThingTypeName);
        return new(type.Name, type.Id.ToString(), scope.Arns.ThingType(type.Name), type.Properties, type.Metadata);
    }

    public static ListThingTypesResponse List(Scope scope, ListThingTypesRequest request)
    {
        var (types, nextToken) = Paging.ByToken("thing-types", request.NextToken, request.MaxResults).Read(
            scope.Session, new($"{Select} WHERE ($1 IS NULL OR name = $1)", "id"), Read, request.ThingTypeName);
        return new([.. types.Select(t => new ThingTypeDefinition(t.Name, scope.Arns.ThingType(t.Name), t.Properties, t.Metadata))], nextToken);
    }

    /// <summary>What is not named stays.</summary>
    public static UpdateThingTypeResponse Update(Scope scope, UpdateThingTypeRequest request)
    {
        var type = Get(scope, request.ThingTypeName);
        var properties = request.ThingTypeProperties ?? new();
        CheckSearchable(properties.SearchableAttributes);
        scope.Session.Execute(
            "UPDATE thing_type SET description = $2, searchable_attributes = $3, mqtt5 = $4 WHERE id = $1",
            type.Key, properties.ThingTypeDescription ?? type.Description, WriteSearchable(properties.SearchableAttributes ?? type.SearchableAttributes),
            WriteMqtt5(properties.Mqtt5Configuration ?? type.Mqtt5));
        return new();
    }

    /// <summary>Deprecating again does not begin the wait for the deletion anew.</summary>
    public static DeprecateThingTypeResponse Deprecate(Scope scope, DeprecateThingTypeRequest request)
    {
        var type = Get(scope, request.ThingTypeName);
        scope.Session.Execute(
            "UPDATE thing_type SET deprecated_at = $2 WHERE id = $1", type.Key, request.UndoDeprecate ?? false ? null : type.DeprecatedAt ?? scope.Now);
        return new();
    }

    public static DeleteThingTypeResponse Delete(Scope scope, DeleteThingTypeRequest request)
    {
        var type = Get(scope, request.ThingTypeName);
        if (type.DeprecatedAt is not { } deprecatedAt)
            throw IotErrorType.InvalidRequest.Error($"Cannot delete thing type : {type.Name}. Deprecate it first");
        if (scope.Now - deprecatedAt < scope.Settings.ThingTypeDeletionDelay)
            throw IotErrorType.InvalidRequest.Error(
                $"Cannot delete thing type : {type.Name}. Please wait for {scope.Settings.ThingTypeDeletionDelay.TotalMinutes:0.##} minutes after deprecation and then retry");
        if (scope.Session.Scalar<bool>("SELECT EXISTS (SELECT 1 FROM thing WHERE type_id = $1)", type.Key))
            throw IotErrorType.InvalidRequest.Error($"Cannot delete thing type : {type.Name}. There are still things of this type");
        scope.Session.Execute("DELETE FROM thing_type WHERE id = $1", type.Key);
        Tags.Clear(scope, $"thingtype/{type.Name}");
        return new();
    }

    /// <exception cref="CdfException">NotFound; InvalidRequest: it is deprecated.</exception>
    public static long KeyForNewThing(Scope scope, string name)
    {
        var type = FindState(scope, name);
        return RegistryRules.TypeProblem(name, type) is { } problem ? throw problem : type!.Key;
    }

    public static ThingTypeState? FindState(Scope scope, string name) => scope.Session.Single(
        "SELECT id, deprecated_at IS NOT NULL FROM thing_type WHERE name = $1", row => new ThingTypeState(row.Boolean(1), row.Int64(0)), name);

    public static StoredThingType? Find(Scope scope, string name) => scope.Session.Single($"{Select} WHERE name = $1", Read, name);

    /// <exception cref="CdfException">NotFound; InvalidRequest: nothing could have such a name.</exception>
    public static StoredThingType Get(Scope scope, string name)
    {
        IotNames.CheckThingTypeName(name);
        return Find(scope, name) ?? throw NotFound(name);
    }

    public static void CheckSearchable(IReadOnlyList<string>? attributes)
    {
        if (attributes?.Count > MaxSearchableAttributes)
            throw IotErrorType.InvalidRequest.Error($"{attributes.Count} searchable attributes are too many: a thing type may have {MaxSearchableAttributes}.");
        foreach (var attribute in attributes ?? [])
            IotNames.CheckAttributeName(attribute);
    }

    public static string? WriteSearchable(IReadOnlyList<string>? attributes) =>
        attributes is null or { Count: 0 } ? null : JsonSerializer.Serialize(attributes);

    public static string? WriteMqtt5(Mqtt5Configuration? configuration) =>
        configuration is null ? null : JsonSerializer.Serialize(configuration, IotJson.Default.Mqtt5Configuration);

    private static CdfException NotFound(string name) => IotErrorType.ResourceNotFound.Error($"Thing type {name} not found.");

    private static StoredThingType Read(Row row) => new(
        row.Int64(0), row.Text(1), row.Guid(2), row.TextOrNull(3),
        row.TextOrNull(4) is { } json ? JsonSerializer.Deserialize<string[]>(json)! : [], row.Time(5), row.TimeOrNull(6),
        row.TextOrNull(7) is { } mqtt5 ? JsonSerializer.Deserialize(mqtt5, IotJson.Default.Mqtt5Configuration) : null);
}

/// <summary>A thing type as it stands in the file.</summary>
internal sealed record StoredThingType(
    long Key, string Name, Guid Id, string? Description, IReadOnlyList<string> SearchableAttributes, DateTimeOffset CreatedAt, DateTimeOffset? DeprecatedAt,
    Mqtt5Configuration? Mqtt5)
{
    public ThingTypeProperties Properties => new(Description, SearchableAttributes, Mqtt5);

    public ThingTypeMetadata Metadata => new(DeprecatedAt is not null, DeprecatedAt, CreatedAt);

    public bool HasProperties(ThingTypeProperties properties) =>
        (Description ?? "") == (properties.ThingTypeDescription ?? "") && SearchableAttributes.SequenceEqual(properties.SearchableAttributes ?? [])
        && ThingTypes.WriteMqtt5(Mqtt5) == ThingTypes.WriteMqtt5(properties.Mqtt5Configuration);
}
