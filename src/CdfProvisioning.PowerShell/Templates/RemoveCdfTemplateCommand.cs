using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Deletes provisioning templates. Devices that were provisioned from them stay.</summary>
/// <remarks>
/// <para>Lists that have been started from a template keep their own copy of it.</para>
/// </remarks>
/// <example>
/// <para>Delete a template</para>
/// <code>Remove-CdfTemplate sensor</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "CdfTemplate", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveCdfTemplateCommand : RemoveByNameCmdlet
{
    /// <summary>The ids of the templates, or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TemplateIdCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] TemplateId { get; set; } = [];

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var templates = (await ConnectionAsync(cancellationToken)).Templates;
        await RemoveByNameAsync(
            "template",
            TemplateId,
            _ => templates.ListIdsAsync(cancellationToken),
            id => templates.GetAsync(id, cancellationToken),
            async (id, _) => await templates.RemoveAsync(id, cancellationToken));
    }
}
