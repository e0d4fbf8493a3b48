using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Decisions;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>Things.</summary>
internal static class Things
{
    /// <summary>Most things have no billing group, and most that are asked for before they are made are not there: neither costs a look at the other tables.</summary>
    private const string Select = """
        SELECT id, name, uuid, type_id, CASE WHEN type_id IS NOT NULL THEN (SELECT name FROM thing_type WHERE id = thing.type_id) END,
               CASE WHEN billing_group_id IS NOT NULL THEN (SELECT name FROM billing_group WHERE id = thing.billing_group_id) END, attributes, version,
               task_id, task_row
        FROM thing
        """;

    private const string SelectByName = $"{Select} WHERE name = $1";

    public static CreateThingResponse Create(Scope scope, CreateThingRequest request)
    {
        var name = request.ThingName;
        var attributes = RegistryRules.WithoutEmpty(request.AttributePayload?.Attributes);
        IotNames.CheckThingName(name);
        IotNames.CheckAttributes(attributes, request.ThingTypeName is not null);
        if (Find(scope, name) is not { } existing)
            return new(name, scope.Arns.Thing(name), Add(scope, name, request.ThingTypeName, attributes, request.BillingGroupName).ToString());

        var difference = existing.TypeName != request.ThingTypeName ? "a different thing type"
            : existing.BillingGroupName != request.BillingGroupName ? "a different billing group"
            : RegistryRules.AreEqual(existing.Attributes, attributes) ? null
            : "different attributes";
        return difference is null
            ? new(name, scope.Arns.Thing(name), existing.Id.ToString())
            : throw IotErrorType.ResourceAlreadyExists.Error(
                $"Thing {name} already exists in account with {difference}", existing.Id.ToString(), scope.Arns.Thing(name));
    }

    /// <summary>Makes a thing that does not exist yet; whether it may be so is known.</summary>
    /// <param name="scope">The registry.</param>
    /// <param name="name">Its name.</param>
    /// <param name="type">The key of its type.</param>
    /// <param name="attributes">Its attributes, as their column has them.</param>
    /// <param name="billingGroup">The key of its billing group.</param>
    public static (long Key, Guid ThingId) Insert(Scope scope, string name, long? type, string? attributes, long? billingGroup)
    {
        var id = RandomId.Next();
        scope.Session.Execute(
            "INSERT INTO thing (name, uuid, type_id, billing_group_id, attributes, version, created_at, task_id, task_row) VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8)",
            name, id, type, billingGroup, attributes, scope.Now, scope.Origin?.Task, scope.Origin?.Row);
        return (scope.Session.LastInsertId, id);
    }

    private static Guid Add(Scope scope, string name, string? typeName, IReadOnlyDictionary<string, string> attributes, string? billingGroupName) => Insert(
        scope, name, typeName is null ? null : ThingTypes.KeyForNewThing(scope, typeName), AttributesColumn.Write(attributes),
        billingGroupName is null ? null : BillingGroups.KeyOf(scope, billingGroupName)).ThingId;

    public static DescribeThingResponse Describe(Scope scope, DescribeThingRequest request)
    {
        var thing = Get(scope, request.ThingName);
        return new(
            thing.Name, thing.Name, thing.Id.ToString(), scope.Arns.Thing(thing.Name), thing.TypeName, thing.Attributes, thing.Version, thing.BillingGroupName);
    }

    public static UpdateThingResponse Update(Scope scope, UpdateThingRequest request)
    {
        var thing = Get(scope, request.ThingName);
        CheckVersion(thing.Name, thing.Version, request.ExpectedVersion);
        var removesType = request.RemoveThingType ?? false;
        if (removesType && request.ThingTypeName is not null)
            throw IotErrorType.InvalidRequest.Error("removeThingType and thingTypeName contradict each other: give one of them.");

        var type = removesType ? null : request.ThingTypeName is { } typeName && typeName != thing.TypeName
            ? ThingTypes.KeyForNewThing(scope, typeName)
            : thing.TypeKey;
        var attributes = AttributesColumn.Update(thing.Attributes, request.AttributePayload);
        IotNames.CheckAttributes(attributes, type is not null);
        Write(scope, thing.Key, type != thing.TypeKey, type, attributes);
        return new();
    }

    /// <summary>Notes which row of a list has registered the thing last.</summary>
    public static void SetOrigin(Scope scope, long key, ListRow origin) =>
        scope.Session.Execute("UPDATE thing SET task_id = $2, task_row = $3 WHERE id = $1", key, origin.Task, origin.Row);

    /// <summary>Gives a thing other attributes and perhaps another type; whether it may have them is known.</summary>
    public static void Write(Scope scope, long key, bool typeChanges, long? type, IReadOnlyDictionary<string, string> attributes) => scope.Session.Execute(
        "UPDATE thing SET type_id = CASE WHEN $2 THEN $3 ELSE type_id END, attributes = $4, version = version + 1 WHERE id = $1",
        key, typeChanges, type, AttributesColumn.Write(attributes));

    public static DeleteThingResponse Delete(Scope scope, DeleteThingRequest request)
    {
        IotNames.CheckThingName(request.ThingName);
        if (Find(scope, request.ThingName) is not { } thing)
            return new();

        CheckVersion(thing.Name, thing.Version, request.ExpectedVersion);
        if (scope.Session.Scalar<bool>("SELECT EXISTS (SELECT 1 FROM thing_principal WHERE thing_id = $1)", thing.Key))
            throw IotErrorType.InvalidRequest.Error($"Cannot delete. Thing {thing.Name} is still attached to one or more principals");
        scope.Session.Execute("DELETE FROM thing_group_member WHERE thing_id = $1", thing.Key);
        scope.Session.Execute("DELETE FROM thing WHERE id = $1", thing.Key);
        return new();
    }

    /// <summary>An attribute without a value finds the things that have the attribute, whatever its value; AWS does not document it.</summary>
    public static ListThingsResponse List(Scope scope, ListThingsRequest request)
    {
        if (request is { AttributeName: null, AttributeValue: not null })
            throw IotErrorType.InvalidRequest.Error("attributeValue needs an attributeName: say which attribute has it.");
        var paging = Paging.ByToken("things", request.NextToken, request.MaxResults);
        var type = request.ThingTypeName is null ? (long?)null : ThingTypes.Find(scope, request.ThingTypeName)?.Key ?? -1;
        var sql = $"{Select} WHERE {(type is null ? "$1 IS NULL" : "type_id = $1")}";
        var (things, nextToken) = request.AttributeName is { } attribute
            ? paging.Read(
                scope.Session,
                new(
                    request.UsePrefixAttributeValue ?? request.AttributeValue is null
                        ? $"{sql} AND substr(json_extract(attributes, $2), 1, length($3)) = $3"
                        : $"{sql} AND json_extract(attributes, $2) = $3",
                    "id"),
                row => Map(scope, row), type, JsonPath(attribute), request.AttributeValue ?? "")
            : paging.Read(scope.Session, new(sql, "id"), row => Map(scope, row), type);
        return new(things, nextToken);

        static ThingAttribute Map(Scope scope, Row row)
        {
            var thing = Read(row);
            return new(thing.Name, thing.TypeName, scope.Arns.Thing(thing.Name), thing.Attributes, thing.Version);
        }
    }

    /// <exception cref="CdfException">NotFound; InvalidRequest: nothing could have such a name.</exception>
    public static StoredThing Get(Scope scope, string name)
    {
        IotNames.CheckThingName(name);
        return Find(scope, name) ?? throw IotErrorType.ResourceNotFound.Error($"Thing '{name}' does not exist.");
    }

    public static StoredThing? Find(Scope scope, string name)
    {
        var thing = scope.Session.Single(SelectByName, Read, name);
        scope.LastRead?.Thing = thing;
        return thing;
    }

    public static long? FindKey(Scope scope, string name) => scope.LastRead?.Thing is { } thing && thing.Name == name
        ? thing.Key
        : scope.Session.Scalar<long?>("SELECT id FROM thing WHERE name = $1", name);

    /// <exception cref="CdfException">NotFound.</exception>
    public static long KeyOf(Scope scope, string name)
    {
        IotNames.CheckThingName(name);
        return FindKey(scope, name) ?? throw IotErrorType.ResourceNotFound.Error($"Thing '{name}' does not exist.");
    }

    /// <summary>What AWS IoT calls a version conflict, for things and groups alike.</summary>
    public static void CheckVersion(string name, long version, long? expected)
    {
        if (expected is not null && expected != version)
            throw IotErrorType.VersionConflict.Error($"The version of {name} is {version}, not {expected} as expected.");
    }

    /// <summary>Attribute names may have dots and brackets; quotes and backslashes they may not have.</summary>
    private static string JsonPath(string attribute)
    {
        IotNames.CheckAttributeName(attribute);
        return $"$.\"{attribute}\"";
    }

    private static StoredThing Read(Row row) => new(
        row.Int64(0), row.Text(1), row.Guid(2), row.Int64OrNull(3), row.TextOrNull(4), row.TextOrNull(5), AttributesColumn.Read(row.TextOrNull(6)), row.Int64(7),
        row.IsNull(8) ? null : new(row.Int64(8), row.Int64(9)));
}

/// <summary>A thing as it stands in the file.</summary>
internal sealed record StoredThing(
    long Key, string Name, Guid Id, long? TypeKey, string? TypeName, string? BillingGroupName, IReadOnlyDictionary<string, string> Attributes, long Version, ListRow? Origin);
