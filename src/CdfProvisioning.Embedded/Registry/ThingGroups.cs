using CdfProvisioning.Embedded.Registry.Index;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Provisioning.Decisions;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>Thing groups and their hierarchy.</summary>
internal static class ThingGroups
{
    // AWS IoT Core quotas, thing groups.
    private const int MaxDepth = 7;
    private const int MaxDirectChildren = 100;
    private const int MaxAttributes = 50;

    private const string Select = "SELECT id, name, uuid, parent_id, description, attributes, version, created_at, query FROM thing_group";

    public static CreateThingGroupResponse Create(Scope scope, CreateThingGroupRequest request) => Create(scope, request, query: null);

    /// <param name="scope">The registry.</param>
    /// <param name="request">The group.</param>
    /// <param name="query">Of a dynamic group, what finds its things.</param>
    public static CreateThingGroupResponse Create(Scope scope, CreateThingGroupRequest request, string? query)
    {
        var name = request.ThingGroupName;
        var properties = request.ThingGroupProperties ?? new();
        var attributes = RegistryRules.WithoutEmpty(properties.AttributePayload?.Attributes);
        IotNames.CheckThingGroupName(name);
        CheckAttributes(attributes);
        var parent = request.ParentGroupName is { } parentName ? Get(scope, parentName) : null;
        if (parent is not null)
            DynamicGroups.CheckIsStatic(scope, parent);
        if (Find(scope, name) is { } existing)
            return existing.ParentKey == parent?.Key && existing.Query == query && (existing.Description ?? "") == (properties.ThingGroupDescription ?? "")
                && RegistryRules.AreEqual(existing.Attributes, attributes)
                ? new(name, scope.Arns.ThingGroup(name), existing.Id.ToString())
                : throw IotErrorType.ResourceAlreadyExists.Error(
                    $"Thing Group {name} already exists in current account with different properties", existing.Id.ToString(), scope.Arns.ThingGroup(name));

        if (parent is not null)
            CheckRoomIn(scope, parent);
        var id = Guid.NewGuid();
        scope.Session.Execute(
            "INSERT INTO thing_group (name, uuid, parent_id, description, attributes, version, created_at, query) VALUES ($1, $2, $3, $4, $5, 1, $6, $7)",
            name, id, parent?.Key, properties.ThingGroupDescription, AttributesColumn.Write(attributes), scope.Now, query);
        Tags.Set(scope, $"thinggroup/{name}", request.Tags);
        return new(name, scope.Arns.ThingGroup(name), id.ToString());
    }

    public static DescribeThingGroupResponse Describe(Scope scope, DescribeThingGroupRequest request)
    {
        var group = Get(scope, request.ThingGroupName);
        var ancestors = AncestorsFromTheRoot(scope, group.ParentKey);
        return new(
            group.Name, group.Id.ToString(), scope.Arns.ThingGroup(group.Name), group.Version,
            new(group.Description, group.Attributes.Count == 0 ? null : new(group.Attributes)),
            new(
                ancestors.Count == 0 ? null : ancestors[^1].Name,
                ancestors.ConvertAll(a => new GroupNameAndArn(a.Name, scope.Arns.ThingGroup(a.Name))),
                group.CreatedAt),
            group.Query is null ? null : ThingIndex.Name, group.Query, group.Query is null ? null : ThingIndex.QueryVersion, group.Query is null ? null : "ACTIVE");
    }

    public static ListThingGroupsResponse List(Scope scope, ListThingGroupsRequest request)
    {
        var below = request.ParentGroup is null ? "$1 IS NULL"
            : request.Recursive ?? false ? $"id IN ({Descendants}) AND id <> $1"
            : "parent_id = $1";
        var parent = request.ParentGroup is null ? (long?)null : Get(scope, request.ParentGroup).Key;
        var (groups, nextToken) = Paging.ByToken("thing-groups", request.NextToken, request.MaxResults).Read(
            scope.Session, new($"SELECT id, name FROM thing_group WHERE {below} AND substr(name, 1, length($2)) = $2", "id"),
            row => row.Text(1), parent, request.NamePrefixFilter ?? "");
        return new([.. groups.Select(name => new GroupNameAndArn(name, scope.Arns.ThingGroup(name)))], nextToken);
    }

    /// <summary>What is not named stays.</summary>
    public static UpdateThingGroupResponse Update(Scope scope, UpdateThingGroupRequest request)
    {
        var group = Get(scope, request.ThingGroupName);
        DynamicGroups.CheckIsStatic(scope, group);
        return new(Update(scope, group, request.ThingGroupProperties, request.ExpectedVersion));
    }

    /// <returns>The version that the group has then.</returns>
    public static long Update(Scope scope, StoredThingGroup group, ThingGroupProperties properties, long? expectedVersion)
    {
        Things.CheckVersion(group.Name, group.Version, expectedVersion);
        var attributes = AttributesColumn.Update(group.Attributes, properties.AttributePayload);
        CheckAttributes(attributes);
        scope.Session.Execute(
            "UPDATE thing_group SET description = $2, attributes = $3, version = version + 1 WHERE id = $1",
            group.Key, properties.ThingGroupDescription ?? group.Description, AttributesColumn.Write(attributes));
        return group.Version + 1;
    }

    /// <summary>AWS deletes a group that does not exist without an error.</summary>
    public static DeleteThingGroupResponse Delete(Scope scope, DeleteThingGroupRequest request)
    {
        IotNames.CheckThingGroupName(request.ThingGroupName);
        if (Find(scope, request.ThingGroupName) is not { } group)
            return new();
        DynamicGroups.CheckIsStatic(scope, group);
        Delete(scope, group, request.ExpectedVersion);
        return new();
    }

    public static void Delete(Scope scope, StoredThingGroup group, long? expectedVersion)
    {
        Things.CheckVersion(group.Name, group.Version, expectedVersion);
        if (scope.Session.Scalar<bool>("SELECT EXISTS (SELECT 1 FROM thing_group WHERE parent_id = $1)", group.Key))
            throw IotErrorType.InvalidRequest.Error($"Cannot delete thing group : {group.Name} when there are still child groups attached to it.");
        scope.Session.Execute("DELETE FROM thing_group_member WHERE group_id = $1", group.Key);
        scope.Session.Execute("DELETE FROM thing_group_policy WHERE group_id = $1", group.Key);
        scope.Session.Execute("DELETE FROM thing_group WHERE id = $1", group.Key);
        Tags.Clear(scope, $"thinggroup/{group.Name}");
    }

    /// <summary>The keys of the group <c>$1</c> and of all below it.</summary>
    public const string Descendants = """
        WITH RECURSIVE below (id) AS (VALUES ($1) UNION ALL SELECT thing_group.id FROM thing_group JOIN below ON thing_group.parent_id = below.id)
        SELECT id FROM below
        """;

    /// <summary>The keys of the group <c>$1</c> and of all above it.</summary>
    public const string Ancestors = """
        WITH RECURSIVE above (id) AS (VALUES ($1) UNION ALL SELECT thing_group.parent_id FROM thing_group JOIN above ON thing_group.id = above.id WHERE thing_group.parent_id IS NOT NULL)
        SELECT id FROM above
        """;

    public static StoredThingGroup? Find(Scope scope, string name) => scope.Session.Single($"{Select} WHERE name = $1", Read, name);

    /// <exception cref="CdfException">NotFound; InvalidRequest: nothing could have such a name.</exception>
    public static StoredThingGroup Get(Scope scope, string name)
    {
        IotNames.CheckThingGroupName(name);
        return Find(scope, name) ?? throw RegistryRules.NoSuchGroup(name);
    }

    public static GroupState? FindState(Scope scope, string name, bool needsRoot)
    {
        var (key, isDynamic) = scope.Session.Single("SELECT id, query IS NOT NULL FROM thing_group WHERE name = $1", row => ((long?)row.Int64(0), row.Boolean(1)), name);
        return key is { } found ? StateOf(scope, found, name, needsRoot) with { IsDynamic = isDynamic } : null;
    }

    public static GroupState StateOf(Scope scope, long key, bool needsRoot) =>
        StateOf(scope, key, scope.Session.Scalar<string>("SELECT name FROM thing_group WHERE id = $1", key)!, needsRoot);

    public static GroupState StateOf(Scope scope, long key, string name, bool needsRoot) =>
        new(name, needsRoot ? AncestorsFromTheRoot(scope, key)[0].Name : null, key);

    public static void CheckAttributes(IReadOnlyDictionary<string, string> attributes)
    {
        if (attributes.Count > MaxAttributes)
            throw IotErrorType.InvalidRequest.Error($"{attributes.Count} attributes are too many: a thing group may have {MaxAttributes}.");
        foreach (var (name, value) in attributes)
        {
            IotNames.CheckAttributeName(name);
            IotNames.CheckAttributeValue(name, value);
        }
    }

    /// <param name="scope">The registry.</param>
    /// <param name="key">The group to end with; none if null.</param>
    public static List<StoredThingGroup> AncestorsFromTheRoot(Scope scope, long? key)
    {
        var ancestors = new List<StoredThingGroup>();
        while (key is { } present)
        {
            ancestors.Add(scope.Session.Single($"{Select} WHERE id = $1", Read, present)!);
            key = ancestors[^1].ParentKey;
        }

        ancestors.Reverse();
        return ancestors;
    }

    private static void CheckRoomIn(Scope scope, StoredThingGroup parent)
    {
        if (AncestorsFromTheRoot(scope, parent.Key).Count >= MaxDepth)
            throw IotErrorType.InvalidRequest.Error($"Thing group {parent.Name} has {MaxDepth - 1} groups above it already: a hierarchy may be {MaxDepth} groups deep.");
        if (scope.Session.Scalar<long>("SELECT count(*) FROM thing_group WHERE parent_id = $1", parent.Key) >= MaxDirectChildren)
            throw IotErrorType.InvalidRequest.Error($"Thing group {parent.Name} has {MaxDirectChildren} child groups already, and may not have more.");
    }

    private static StoredThingGroup Read(Row row) => new(
        row.Int64(0), row.Text(1), row.Guid(2), row.Int64OrNull(3), row.TextOrNull(4), AttributesColumn.Read(row.TextOrNull(5)), row.Int64(6), row.Time(7), row.TextOrNull(8));
}

/// <summary>A thing group as it stands in the file.</summary>
internal sealed record StoredThingGroup(
    long Key, string Name, Guid Id, long? ParentKey, string? Description, IReadOnlyDictionary<string, string> Attributes, long Version, DateTimeOffset CreatedAt,
    string? Query);
