namespace CdfProvisioning.Hierarchies;

/// <summary>Where assignments are kept: beside the templates, each under a key of its own, so that nobody overwrites another's.</summary>
internal interface ITemplateAssignmentStore
{
    /// <summary>All assignments, by <see cref="AssignmentKey"/>.</summary>
    IAsyncEnumerable<TemplateAssignment> ListAsync(CancellationToken cancellationToken);

    /// <summary>Of no effect if there is the same assignment.</summary>
    ValueTask PutAsync(TemplateAssignment assignment, CancellationToken cancellationToken);

    /// <returns>False if there was no such assignment.</returns>
    ValueTask<bool> RemoveAsync(TemplateAssignment assignment, CancellationToken cancellationToken);
}
