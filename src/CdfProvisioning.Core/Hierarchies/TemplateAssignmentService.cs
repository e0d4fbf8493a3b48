using CdfProvisioning.Templates;

namespace CdfProvisioning.Hierarchies;

/// <summary>Assigns templates to places in a hierarchy, and says which one applies where.</summary>
/// <param name="hierarchy">What is asked.</param>
/// <param name="store">The assignments; null where an Asset Library has them.</param>
/// <param name="templates">The templates.</param>
internal sealed class TemplateAssignmentService(ITemplateHierarchy hierarchy, ITemplateAssignmentStore? store, ITemplateStore templates)
{
    private ITemplateAssignmentStore Store => store ?? throw CdfErrorCode.InvalidRequest.Error(
        "This connection asks a CDF Asset Library which template applies: change the policies of type ProvisioningTemplate there.");

    /// <summary>Assigns a template to where a device is in all of the groups; of no effect if it is already.</summary>
    /// <exception cref="CdfException">NotFound, InvalidRequest.</exception>
    public async ValueTask<TemplateAssignment> SetAsync(string templateId, IReadOnlyList<string> groupPath, CancellationToken cancellationToken)
    {
        await templates.GetAsync(templateId, cancellationToken);
        var assignment = new TemplateAssignment(templateId, GroupPaths.Check(groupPath));
        await Store.PutAsync(assignment, cancellationToken);
        return assignment;
    }

    public IAsyncEnumerable<TemplateAssignment> ListAsync(CancellationToken cancellationToken) => Store.ListAsync(cancellationToken);

    /// <exception cref="CdfException">NotFound, InvalidRequest.</exception>
    public async ValueTask RemoveAsync(TemplateAssignment assignment, CancellationToken cancellationToken)
    {
        assignment = assignment with { GroupPath = GroupPaths.Check(assignment.GroupPath) };
        if (!await Store.RemoveAsync(assignment, cancellationToken))
            throw CdfErrorCode.NotFound.Error($"There is no assignment of template {assignment}. Get-CdfTemplateAssignment lists those there are.");
    }

    /// <summary>The assignment that counts for a device in these groups.</summary>
    /// <exception cref="CdfException">NotFound: none applies; Conflict: several apply, and none is more specific; InvalidRequest.</exception>
    public async ValueTask<TemplateAssignment> ResolveAsync(IReadOnlyList<string> groupPath, CancellationToken cancellationToken)
    {
        groupPath = GroupPaths.Check(groupPath);
        return MostSpecific(await hierarchy.AtAsync(groupPath, cancellationToken), string.Join(" and ", groupPath));
    }

    /// <summary>The assignment that counts for a device that is registered.</summary>
    /// <exception cref="CdfException">NotFound: there is no such device, or none applies; Conflict: several apply, and none is more specific.</exception>
    public async ValueTask<TemplateAssignment> ResolveForThingAsync(string thingName, CancellationToken cancellationToken) =>
        MostSpecific(await hierarchy.OfThingAsync(thingName, cancellationToken), $"thing '{thingName}'");

    /// <summary>The one that names the most groups, those above included: a deeper one before one above it, and one with a further condition before one without.</summary>
    private static TemplateAssignment MostSpecific(IReadOnlyList<TemplateAssignment> candidates, string place)
    {
        if (candidates.Count == 0)
            throw CdfErrorCode.NotFound.Error($"No template is assigned to {place}, or to a group above. Set-CdfTemplateAssignment assigns one.");
        var levels = candidates.Max(c => GroupPaths.Levels(c.GroupPath));
        var best = candidates.Where(c => GroupPaths.Levels(c.GroupPath) == levels).ToList();
        return best.Select(c => c.TemplateId).Distinct().Count() == 1
            ? best[0]
            : throw CdfErrorCode.Conflict.Error(
                $"Several templates apply to {place}, and none is more specific than the others: {string.Join("; ", best)}. Remove an assignment, or add a more specific one.");
    }
}
