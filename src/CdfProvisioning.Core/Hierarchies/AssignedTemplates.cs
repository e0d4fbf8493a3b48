using CdfProvisioning.Iot;

namespace CdfProvisioning.Hierarchies;

/// <summary>The hierarchy of AWS IoT's thing groups, and the assignments that are kept with the templates.</summary>
internal sealed class AssignedTemplates(ITemplateAssignmentStore store, IDeviceRegistry registry) : ITemplateHierarchy
{
    public async ValueTask<IReadOnlyList<TemplateAssignment>> AtAsync(IReadOnlyList<string> groupPath, CancellationToken cancellationToken) =>
        await store.ListAsync(cancellationToken)
            .Where(assignment => assignment.GroupPath.All(path => groupPath.Any(group => GroupPaths.IsAtOrAbove(path, group))))
            .ToListAsync(cancellationToken);

    public async ValueTask<IReadOnlyList<TemplateAssignment>> OfThingAsync(string thingName, CancellationToken cancellationToken)
    {
        await registry.InvokeAsync(new DescribeThingRequest(thingName), cancellationToken);
        var paths = new List<string>();
        await foreach (var group in registry.GroupsOfThingAsync(thingName, cancellationToken))
        {
            var described = await registry.InvokeAsync(new DescribeThingGroupRequest(group.GroupName!), cancellationToken);
            var names = (described.ThingGroupMetadata?.RootToParentThingGroups ?? []).Select(above => above.GroupName).Append(group.GroupName);
            paths.Add("/" + string.Join('/', names));
        }

        return await AtAsync(paths.Count == 0 ? ["/"] : paths, cancellationToken);
    }
}
