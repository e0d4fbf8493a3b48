namespace CdfProvisioning.Hierarchies;

/// <summary>Which templates apply at a place in a hierarchy: by the assignments that are kept with the templates, or by the policies of a CDF Asset Library.</summary>
internal interface ITemplateHierarchy
{
    /// <summary>What applies to a device in these groups.</summary>
    ValueTask<IReadOnlyList<TemplateAssignment>> AtAsync(IReadOnlyList<string> groupPath, CancellationToken cancellationToken);

    /// <summary>What applies to a device that is known already.</summary>
    /// <exception cref="CdfException">NotFound.</exception>
    ValueTask<IReadOnlyList<TemplateAssignment>> OfThingAsync(string thingName, CancellationToken cancellationToken);
}
