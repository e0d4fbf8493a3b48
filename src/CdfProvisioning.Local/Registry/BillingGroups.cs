using CdfProvisioning.Iot;
using CdfProvisioning.Local.Storage;

namespace CdfProvisioning.Local.Registry;

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
        return new(name, scope.Arns.BillingGroup(name), id.ToString());
    }

    public static DescribeBillingGroupResponse Describe(Scope scope, DescribeBillingGroupRequest request)
    {
        var group = Get(scope, request.BillingGroupName);
        return new(group.Name, group.Id.ToString(), scope.Arns.BillingGroup(group.Name), group.Version, new(group.Description), new(group.CreatedAt));
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
        return new();
    }

    /// <exception cref="CdfException">NotFound.</exception>
    public static long KeyOf(Scope scope, string name) => Get(scope, name).Key;

    private static StoredBillingGroup? Find(Scope scope, string name) => scope.Session.Single($"{Select} WHERE name = $1", Read, name);

    private static StoredBillingGroup Get(Scope scope, string name)
    {
        IotNames.CheckBillingGroupName(name);
        return Find(scope, name) ?? throw IotErrorType.ResourceNotFound.Error($"Billing group '{name}' does not exist.");
    }

    private static StoredBillingGroup Read(Row row) =>
        new(row.Int64(0), row.Text(1), row.Guid(2), row.TextOrNull(3), row.Int64(4), row.Time(5));

    private sealed record StoredBillingGroup(long Key, string Name, Guid Id, string? Description, long Version, DateTimeOffset CreatedAt);
}
