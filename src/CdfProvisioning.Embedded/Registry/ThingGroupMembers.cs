using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Decisions;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>Which things are in which groups.</summary>
internal static class ThingGroupMembers
{
    public static AddThingToThingGroupResponse Add(Scope scope, AddThingToThingGroupRequest request)
    {
        var (thing, group) = Both(scope, request.ThingName, request.ThingArn, request.ThingGroupName, request.ThingGroupArn);
        Add(scope, thing, group);
        return new();
    }

    public static RemoveThingFromThingGroupResponse Remove(Scope scope, RemoveThingFromThingGroupRequest request)
    {
        var (thing, group) = Both(scope, request.ThingName, request.ThingArn, request.ThingGroupName, request.ThingGroupArn);
        DynamicGroups.CheckIsStatic(scope, group);
        Remove(scope, thing, group.Key);
        return new();
    }

    /// <summary>Removes first, so that a thing can be moved within a hierarchy.</summary>
    public static UpdateThingGroupsForThingResponse Update(Scope scope, UpdateThingGroupsForThingRequest request)
    {
        var thing = Things.KeyOf(scope, scope.Arns.NameOf(request.ThingName, arn: null, "thing", "thing"));
        foreach (var group in request.ThingGroupsToRemove ?? [])
        {
            var left = ThingGroups.Get(scope, group);
            DynamicGroups.CheckIsStatic(scope, left);
            Remove(scope, thing, left.Key);
        }

        foreach (var group in request.ThingGroupsToAdd ?? [])
            Add(scope, thing, ThingGroups.Get(scope, group));
        return new();
    }

    public static ListThingGroupsForThingResponse ListGroups(Scope scope, ListThingGroupsForThingRequest request)
    {
        var thing = Things.KeyOf(scope, request.ThingName);
        var paging = Paging.ByToken("groups-of-thing", request.NextToken, request.MaxResults);
        var rows = scope.Session.Query(
            """
            SELECT thing_group.id, thing_group.name FROM thing_group_member JOIN thing_group ON thing_group.id = group_id
            WHERE thing_id = $1 AND group_id > $2 ORDER BY group_id LIMIT $3 + 0
            """,
            row => (Key: row.Int64(0), Item: row.Text(1)), thing, paging.After, paging.Size + 1);
        rows.AddRange(DynamicGroups.Of(scope, thing).Where(group => group.Key > paging.After).Take(paging.Size + 1));
        rows.Sort((a, b) => a.Key.CompareTo(b.Key));
        var (groups, nextToken) = paging.Page(rows);
        return new([.. groups.Select(name => new GroupNameAndArn(name, scope.Arns.ThingGroup(name)))], nextToken);
    }

    public static ListThingsInThingGroupResponse ListThings(Scope scope, ListThingsInThingGroupRequest request)
    {
        var found = ThingGroups.Get(scope, request.ThingGroupName);
        var group = found.Key;
        var paging = Paging.ByToken("things-in-group", request.NextToken, request.MaxResults);
        var (things, nextToken) = found.Query is { } query
            ? DynamicGroups.ListThings(scope, query, paging)
            : request.Recursive ?? false
            ? paging.Read(
                scope.Session,
                new($"SELECT id, name FROM thing WHERE id IN (SELECT thing_id FROM thing_group_member WHERE group_id IN ({ThingGroups.Descendants}))", "id"),
                row => row.Text(1), group)
            : paging.Read(
                scope.Session,
                new("SELECT thing.id, thing.name FROM thing_group_member JOIN thing ON thing.id = thing_group_member.thing_id WHERE group_id = $1", "thing_group_member.thing_id"),
                row => row.Text(1), group);
        return new(things, nextToken);
    }

    /// <exception cref="CdfException">InvalidRequest: the thing is in too many groups, or in one of the same hierarchy.</exception>
    public static void Add(Scope scope, long thing, StoredThingGroup group)
    {
        DynamicGroups.CheckIsStatic(scope, group);
        var present = KeysOf(scope, thing);
        if (present.Contains(group.Key))
            return;
        var others = present.ConvertAll(other => ThingGroups.StateOf(scope, other, needsRoot: true));
        if (RegistryRules.GroupProblem(others, ThingGroups.StateOf(scope, group.Key, group.Name, others.Count > 0)) is { } problem)
            throw problem;
        Insert(scope, thing, group.Key);
    }

    /// <summary>Adds a thing to a group in which it is not; whether it may be there is known.</summary>
    public static void Insert(Scope scope, long thing, long group) =>
        scope.Session.Execute("INSERT INTO thing_group_member (thing_id, group_id) VALUES ($1, $2)", thing, group);

    public static void Remove(Scope scope, long thing, long group) =>
        scope.Session.Execute("DELETE FROM thing_group_member WHERE thing_id = $1 AND group_id = $2", thing, group);

    public static List<long> KeysOf(Scope scope, long thing) =>
        scope.Session.Query("SELECT group_id FROM thing_group_member WHERE thing_id = $1", row => row.Int64(0), thing);

    private static (long Thing, StoredThingGroup Group) Both(Scope scope, string? thingName, string? thingArn, string? groupName, string? groupArn) => (
        Things.KeyOf(scope, scope.Arns.NameOf(thingName, thingArn, "thing", "thing")),
        ThingGroups.Get(scope, scope.Arns.NameOf(groupName, groupArn, "thinggroup", "thing group")));
}
