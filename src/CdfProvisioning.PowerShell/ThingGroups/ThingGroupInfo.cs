using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>A thing group.</summary>
/// <param name="ThingGroupName">The group's name.</param>
/// <param name="ThingGroupId">The group's id.</param>
/// <param name="ThingGroupArn">The group's ARN.</param>
/// <param name="ParentGroupName">The group in which it is; none at the top.</param>
/// <param name="Ancestors">The names of the groups in which it is, from the top to its parent.</param>
/// <param name="Description">What the group is for.</param>
/// <param name="Attributes">The group's attributes, name to value.</param>
/// <param name="Version">Counts the group's changes, the first being 1.</param>
/// <param name="CreationDate">When it was created, UTC.</param>
/// <param name="Query">Of a dynamic group, what finds its things.</param>
/// <param name="Tags">The group's tags, key to value.</param>
public sealed record ThingGroupInfo(
    string ThingGroupName, string? ThingGroupId, string? ThingGroupArn, string? ParentGroupName, IReadOnlyList<string> Ancestors,
    string? Description, IReadOnlyDictionary<string, string> Attributes, long? Version, DateTimeOffset? CreationDate,
    string? Query, IReadOnlyDictionary<string, string> Tags)
{
    internal static async ValueTask<ThingGroupInfo> ReadAsync(IDeviceRegistry registry, string name, CancellationToken cancellationToken)
    {
        var group = await registry.InvokeAsync(new DescribeThingGroupRequest(name), cancellationToken);
        var (properties, metadata) = (group.ThingGroupProperties, group.ThingGroupMetadata);
        return new(
            group.ThingGroupName ?? name, group.ThingGroupId, group.ThingGroupArn, metadata?.ParentGroupName,
            metadata?.RootToParentThingGroups?.Select(ancestor => ancestor.GroupName!).ToArray() ?? [], properties?.ThingGroupDescription,
            properties?.AttributePayload?.Attributes ?? new Dictionary<string, string>(), group.Version, metadata?.CreationDate,
            group.QueryString, await registry.TagsAsync(group.ThingGroupArn, cancellationToken));
    }
}
