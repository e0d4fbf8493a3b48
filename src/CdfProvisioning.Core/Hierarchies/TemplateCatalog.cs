using CdfProvisioning.Templates;

namespace CdfProvisioning.Hierarchies;

/// <summary>Finds templates: by id, or by the place in a hierarchy where they apply.</summary>
internal sealed class TemplateCatalog(ITemplateStore templates, TemplateAssignmentService assignments)
{
    /// <exception cref="CdfException">NotFound, Conflict; InvalidRequest: neither is given.</exception>
    public async ValueTask<StoredTemplate> GetAsync(string? templateId, IReadOnlyList<string>? groupPath, CancellationToken cancellationToken)
    {
        if (templateId is null && groupPath is null)
            throw CdfErrorCode.InvalidRequest.Error("Neither a provisioning template nor a group path is given: name the template, or the place in the hierarchy whose template applies.");
        templateId ??= (await assignments.ResolveAsync(groupPath!, cancellationToken)).TemplateId;
        return await templates.GetAsync(templateId, cancellationToken);
    }
}
