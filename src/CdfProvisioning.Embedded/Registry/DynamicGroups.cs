using CdfProvisioning.Embedded.Registry.Index;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>Dynamic thing groups: the things that a query finds, whenever they are asked for.</summary>
internal static class DynamicGroups
{
    public static CreateDynamicThingGroupResponse Create(Scope scope, CreateDynamicThingGroupRequest request)
    {
        ThingIndex.Check(scope, request.IndexName, request.QueryVersion);
        ThingIndex.CheckQuery(request.QueryString);
        var created = ThingGroups.Create(scope, new(request.ThingGroupName, ParentGroupName: null, request.ThingGroupProperties, request.Tags), request.QueryString);
        return new(created.ThingGroupName, created.ThingGroupArn, created.ThingGroupId, ThingIndex.Name, request.QueryString, ThingIndex.QueryVersion);
    }

    public static UpdateDynamicThingGroupResponse Update(Scope scope, UpdateDynamicThingGroupRequest request)
    {
        ThingIndex.Check(scope, request.IndexName, request.QueryVersion);
        if (request.QueryString is { } query)
            ThingIndex.CheckQuery(query);
        var group = ThingGroups.Get(scope, request.ThingGroupName);
        CheckIsDynamic(scope, group);
        var version = ThingGroups.Update(scope, group, request.ThingGroupProperties, request.ExpectedVersion);
        scope.Session.Execute("UPDATE thing_group SET query = $2 WHERE id = $1", group.Key, request.QueryString ?? group.Query);
        return new(version);
    }

    /// <summary>AWS documents no error for one that does not exist.</summary>
    public static DeleteDynamicThingGroupResponse Delete(Scope scope, DeleteDynamicThingGroupRequest request)
    {
        if (ThingGroups.Find(scope, request.ThingGroupName) is not { } group)
            return new();
        CheckIsDynamic(scope, group);
        ThingGroups.Delete(scope, group, request.ExpectedVersion);
        return new();
    }

    /// <exception cref="CdfException">InvalidRequest.</exception>
    public static void CheckIsStatic(Scope scope, StoredThingGroup group)
    {
        // In AWS's words (rebuy-de/aws-nuke, issue 1199).
        if (group.Query is not null)
            throw IotErrorType.InvalidRequest.Error($"This operation does not support dynamic thing groups. Thing group arn: {scope.Arns.ThingGroup(group.Name)}");
    }

    public static (IReadOnlyList<string> Things, string? NextToken) ListThings(Scope scope, string query, Paging paging)
    {
        var values = new List<object?>();
        var where = IndexSql.Where(query, values);
        return paging.Read(scope.Session, new($"SELECT id, name FROM thing WHERE {where}", "id"), row => row.Text(1), [.. values]);
    }

    /// <summary>The dynamic groups in which a thing is, in the order of their keys.</summary>
    public static IEnumerable<(long Key, string Name)> Of(Scope scope, long thing)
    {
        foreach (var (key, name, query) in scope.Session.Query(
            "SELECT id, name, query FROM thing_group WHERE query IS NOT NULL ORDER BY id", row => (row.Int64(0), row.Text(1), row.Text(2))))
        {
            var values = new List<object?> { thing };
            var where = IndexSql.Where(query, values);
            if (scope.Session.Scalar<bool>($"SELECT EXISTS (SELECT 1 FROM thing WHERE id = $1 AND {where})", [.. values]))
                yield return (key, name);
        }
    }

    private static void CheckIsDynamic(Scope scope, StoredThingGroup group)
    {
        if (group.Query is null)
            throw IotErrorType.InvalidRequest.Error($"This operation does not support static thing groups. Thing group arn: {scope.Arns.ThingGroup(group.Name)}");
    }
}
