using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Provisioning.Decisions;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>Billing groups.</summary>
internal static class BillingGroups
{
    private const string Select = "SELECT id, name, uuid, description, version, created_at FROM billing_group";

    public static CreateBillingGroupResponse Create(Scope scope, CreateBillingGroupRequest request)
    {
        var name = request.BillingGroupName;
        var description = request.BillingGroupProperties?.BillingGroupDescription;
        IotNames.CheckBillingGroupName(name);
        if (Find(scope, name) is { } existing)
            return (existing.Description ?? "") == (description ?? "")
                ? new(name, scope.Arns.BillingGroup(name), existing.Id.ToString())
                : throw IotErrorType.ResourceAlreadyExists.Error(
                    $"Billing group {name} already exists in account with different properties", existing.Id.ToString(), scope.Arns.BillingGroup(name));

        var id = Guid.NewGuid();
        scope.Session.Execute(
            "INSERT INTO billing_group (name, uuid, description, version, created_at) VALUES ($1, $2, $3, 1, $4)", name, id, description, scope.Now);
        Tags.Set(scope, $"billinggroup/{name}", request.Tags);
        return new(name, scope.Arns.BillingGroup(name), id.ToString());
    }

    public static DescribeBillingGroupResponse Describe(Scope scope, DescribeBillingGroupRequest request)
    {
        var group = Get(scope, request.BillingGroupName);
        return new(group.Name, group.Id.ToString(), scope.Arns.BillingGroup(group.Name), group.Version, new(group.Description), new(group.CreatedAt));
    }

    public static ListBillingGroupsResponse List(Scope scope, ListBillingGroupsRequest request)
    {
        var (groups, nextToken) = Paging.ByToken("billing-groups", request.NextToken, request.MaxResults).Read(
            scope.Session, new("SELECT id, name FROM billing_group WHERE substr(name, 1, length($1)) = $1", "id"),
            row => row.Text(1), request.NamePrefixFilter ?? "");
        return new([.. groups.Select(name => new GroupNameAndArn(name, scope.Arns.BillingGroup(name)))], nextToken);
    }

    public static UpdateBillingGroupResponse Update(Scope scope, UpdateBillingGroupRequest request)
    {
        var group = Get(scope, request.BillingGroupName);
        Things.CheckVersion(group.Name, group.Version, request.ExpectedVersion);
        scope.Session.Execute(
            "UPDATE billing_group SET description = $2, version = version + 1 WHERE id = $1",
            group.Key, request.BillingGroupProperties.BillingGroupDescription ?? group.Description);
        return new(group.Version + 1);
    }

    /// <summary>Its things stay, and are in no billing group then. AWS deletes one that does not exist without an error.</summary>
    public static DeleteBillingGroupResponse Delete(Scope scope, DeleteBillingGroupRequest request)
    {
        IotNames.CheckBillingGroupName(request.BillingGroupName);
        if (Find(scope, request.BillingGroupName) is not { } group)
            return new();

        Things.CheckVersion(group.Name, group.Version, request.ExpectedVersion);
        scope.Session.Execute("UPDATE thing SET billing_group_id = NULL WHERE billing_group_id = $1", group.Key);
        scope.Session.Execute("DELETE FROM billing_group WHERE id = $1", group.Key);
        Tags.Clear(scope, $"billinggroup/{group.Name}");
        return new();
    }

    /// <summary>A thing can be in one billing group; what AWS does with one that is in another already is not documented.</summary>
    public static AddThingToBillingGroupResponse AddThing(Scope scope, AddThingToBillingGroupRequest request)
    {
        var (thing, group) = Both(scope, request.ThingName, request.ThingArn, request.BillingGroupName, request.BillingGroupArn);
        if (thing.BillingGroupName is { } other && other != group.Name)
            throw IotErrorType.InvalidRequest.Error($"Thing {thing.Name} is in billing group {other}, and can be in one only: remove it from there first.");
        scope.Session.Execute("UPDATE thing SET billing_group_id = $2 WHERE id = $1", thing.Key, group.Key);
        return new();
    }

    public static RemoveThingFromBillingGroupResponse RemoveThing(Scope scope, RemoveThingFromBillingGroupRequest request)
    {
        var (thing, group) = Both(scope, request.ThingName, request.ThingArn, request.BillingGroupName, request.BillingGroupArn);
        scope.Session.Execute("UPDATE thing SET billing_group_id = NULL WHERE id = $1 AND billing_group_id = $2", thing.Key, group.Key);
        return new();
    }

    public static ListThingsInBillingGroupResponse ListThings(Scope scope, ListThingsInBillingGroupRequest request)
    {
        var group = Get(scope, request.BillingGroupName);
        var (things, nextToken) = Paging.ByToken("things-in-billing-group", request.NextToken, request.MaxResults).Read(
            scope.Session, new("SELECT id, name FROM thing WHERE billing_group_id = $1", "id"), row => row.Text(1), group.Key);
        return new(things, nextToken);
    }

    /// <exception cref="CdfException">NotFound.</exception>
    public static long KeyOf(Scope scope, string name) => Get(scope, name).Key;

    public static long? FindKey(Scope scope, string name) => scope.Session.Scalar<long?>("SELECT id FROM billing_group WHERE name = $1", name);

    private static (StoredThing Thing, StoredBillingGroup Group) Both(Scope scope, string? thingName, string? thingArn, string? groupName, string? groupArn) => (
        Things.Get(scope, scope.Arns.NameOf(thingName, thingArn, "thing", "thing")),
        Get(scope, scope.Arns.NameOf(groupName, groupArn, "billinggroup", "billing group")));

    public static StoredBillingGroup? Find(Scope scope, string name) => scope.Session.Single($"{Select} WHERE name = $1", Read, name);

    private static StoredBillingGroup Get(Scope scope, string name)
    {
        IotNames.CheckBillingGroupName(name);
        return Find(scope, name) ?? throw RegistryRules.NoSuchBillingGroup(name);
    }

    private static StoredBillingGroup Read(Row row) =>
        new(row.Int64(0), row.Text(1), row.Guid(2), row.TextOrNull(3), row.Int64(4), row.Time(5));

    public sealed record StoredBillingGroup(long Key, string Name, Guid Id, string? Description, long Version, DateTimeOffset CreatedAt);
}
