namespace CdfProvisioning.Templates;

/// <summary>Where provisioning templates are kept: a folder, or an S3 bucket. Every id is checked by <see cref="TemplateId"/>.</summary>
internal interface ITemplateStore
{
    /// <exception cref="CdfException">NotFound, naming the id, the place looked in and how to put a template there.</exception>
    ValueTask<StoredTemplate> GetAsync(string templateId, CancellationToken cancellationToken);

    /// <summary>The ids of all templates, in order; their bodies are not read.</summary>
    IAsyncEnumerable<string> ListIdsAsync(CancellationToken cancellationToken);

    /// <summary>Creates or replaces a template. The body is stored as it is, valid or not.</summary>
    ValueTask<StoredTemplate> PutAsync(string templateId, string body, CancellationToken cancellationToken);

    /// <returns>False if there was no such template.</returns>
    ValueTask<bool> RemoveAsync(string templateId, CancellationToken cancellationToken);
}
