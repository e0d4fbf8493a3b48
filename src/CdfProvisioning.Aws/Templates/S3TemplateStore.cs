using System.Collections.Concurrent;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Aws.Templates;

/// <summary>
/// Templates as objects <c>&lt;prefix&gt;&lt;id&gt;&lt;suffix&gt;</c> of a bucket, as the original service keys them. What was
/// read once is only read again if its ETag has changed.
/// </summary>
internal sealed class S3TemplateStore(S3Bucket bucket, string prefix = "", string suffix = ".json") : ITemplateStore
{
    private readonly ConcurrentDictionary<string, S3Text> _cache = new();

    public async ValueTask<StoredTemplate> GetAsync(string templateId, CancellationToken cancellationToken)
    {
        var key = KeyOf(templateId);
        var found = await bucket.FindAsync(key, _cache.GetValueOrDefault(templateId), cancellationToken) ?? throw CdfErrorCode.NotFound.Error(
            $"There is no template '{templateId}' ({bucket.UrlOf(key)}). Get-CdfTemplate lists those there are; Set-CdfTemplate -TemplateId {templateId} -Path <file> adds one.");
        _cache[templateId] = found;
        return new StoredTemplate(templateId, found.Text, found.LastModified);
    }

    public IAsyncEnumerable<string> ListIdsAsync(CancellationToken cancellationToken) =>
        bucket.KeysAsync(prefix, cancellationToken).Select(IdOf).OfType<string>();

    public async ValueTask<StoredTemplate> PutAsync(string templateId, string body, CancellationToken cancellationToken)
    {
        await bucket.PutAsync(KeyOf(templateId), body, cancellationToken);
        return await GetAsync(templateId, cancellationToken);
    }

    public async ValueTask<bool> RemoveAsync(string templateId, CancellationToken cancellationToken)
    {
        _cache.TryRemove(templateId, out _);
        return await bucket.RemoveAsync(KeyOf(templateId), cancellationToken);
    }

    private string KeyOf(string templateId)
    {
        TemplateId.Check(templateId);
        return prefix + templateId + suffix;
    }

    private string? IdOf(string key) =>
        key.Length > prefix.Length + suffix.Length && key.EndsWith(suffix, StringComparison.Ordinal)
            && key[prefix.Length..^suffix.Length] is var id && TemplateId.IsValid(id)
            ? id
            : null;
}
