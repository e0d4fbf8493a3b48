using System.Management.Automation;
using CdfProvisioning.Templates;

namespace CdfProvisioning.PowerShell;

/// <summary>Gets provisioning templates.</summary>
/// <remarks>
/// <para>Ids may be patterns. Without an id, all templates are got.</para>
/// </remarks>
/// <example>
/// <para>The text of a template</para>
/// <code>(Get-CdfTemplate sensor).Body</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "CdfTemplate")]
[OutputType(typeof(StoredTemplate))]
public sealed class GetCdfTemplateCommand : GetByNameCmdlet
{
    /// <summary>Ids or patterns of templates.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TemplateIdCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? TemplateId { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var templates = (await ConnectionAsync(cancellationToken)).Templates;
        await WriteByNameAsync(
            TemplateId,
            _ => templates.ListIdsAsync(cancellationToken),
            id => templates.GetAsync(id, cancellationToken));
    }
}
