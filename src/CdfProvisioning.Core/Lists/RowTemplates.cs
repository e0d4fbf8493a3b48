using System.Collections.Concurrent;
using CdfProvisioning.Hierarchies;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Lists;

/// <summary>The template of each row of a list: one for all, or that of its place in the hierarchy, looked up once for each place.</summary>
internal sealed class RowTemplates
{
    /// <summary>The column with a device's place, one path or several with semicolons between.</summary>
    public const string GroupPathColumn = "GroupPath";

    /// <summary>The column with the common name of a certificate that is made for a device that registers itself later.</summary>
    public const string CommonNameColumn = "CommonName";

    private readonly TemplateCatalog? _catalog;
    private readonly bool _isDesiredState;
    private readonly ConcurrentDictionary<string, Lazy<Task<ProvisioningTemplate>>> _byPlace = new();

    public RowTemplates(NewTask task, TemplateCatalog catalog)
    {
        _catalog = catalog;
        _isDesiredState = task.IsDesiredState;
        var common = task.IsIssuance ? ProvisioningTemplate.CertificateAlone : task.TemplateBody is { } body ? ProvisioningTemplate.Compile(body) : null;
        Common = common is not null && task.IsRotation ? RotationTemplate.Of(common) : common;
    }

    public RowTemplates(ProvisioningTemplate common) => Common = common;

    /// <summary>The template of all rows; null if each has its own.</summary>
    public ProvisioningTemplate? Common { get; }

    /// <exception cref="CdfException">InvalidRequest: the row says no place; NotFound, Conflict, InvalidTemplate.</exception>
    public ValueTask<ProvisioningTemplate> OfAsync(IReadOnlyDictionary<string, string> row)
    {
        var template = FindAsync(row);
        return !_isDesiredState ? template
            : template.IsCompletedSuccessfully ? new(DesiredTemplate.Of(template.Result).For(row))
            : DesiredAsync(template, row);
    }

    private ValueTask<ProvisioningTemplate> FindAsync(IReadOnlyDictionary<string, string> row)
    {
        if (Common is not null)
            return new(Common);
        return row.TryGetValue(GroupPathColumn, out var place) && place.Length > 0
            ? new(_byPlace.GetOrAdd(place, p => new(() => LoadAsync(p))).Value)
            : throw CdfErrorCode.InvalidRequest.Error($"The row has no '{GroupPathColumn}', and the list was started without a template: one or the other has to say which template applies.");
    }

    private static async ValueTask<ProvisioningTemplate> DesiredAsync(ValueTask<ProvisioningTemplate> template, IReadOnlyDictionary<string, string> row) =>
        DesiredTemplate.Of(await template).For(row);

    /// <summary>Not cancelled with the first row that asks, for others may be waiting too.</summary>
    private async Task<ProvisioningTemplate> LoadAsync(string place)
    {
        string[] paths = place.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return ProvisioningTemplate.Compile((await _catalog!.GetAsync(null, paths, CancellationToken.None)).Body);
    }
}
