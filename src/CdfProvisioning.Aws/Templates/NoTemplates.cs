using CdfProvisioning.Hierarchies;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Aws.Templates;

/// <summary>Stands where no bucket was named, and says so when a template is asked for.</summary>
internal sealed class NoTemplates : ITemplateStore, ITemplateAssignmentStore
{
    public ValueTask<StoredTemplate> GetAsync(string templateId, CancellationToken cancellationToken) => throw Error();

    public IAsyncEnumerable<string> ListIdsAsync(CancellationToken cancellationToken) => throw Error();

    public ValueTask<StoredTemplate> PutAsync(string templateId, string body, CancellationToken cancellationToken) => throw Error();

    public ValueTask<bool> RemoveAsync(string templateId, CancellationToken cancellationToken) => throw Error();

    IAsyncEnumerable<TemplateAssignment> ITemplateAssignmentStore.ListAsync(CancellationToken cancellationToken) => throw Error();

    public ValueTask PutAsync(TemplateAssignment assignment, CancellationToken cancellationToken) => throw Error();

    public ValueTask<bool> RemoveAsync(TemplateAssignment assignment, CancellationToken cancellationToken) => throw Error();

    private static CdfException Error() => CdfErrorCode.InvalidRequest.Error(
        "This connection has no templates: name the bucket that has them (Connect-Cdf -TemplateBucket).");
}
