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
public sealed class RemoveCdfTemplateCommand : CdfCmdlet
{
    /// <summary>The ids of the templates, or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TemplateIdCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] TemplateId { get; set; } = [];

    /// <summary>Does not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var templates = (await ConnectionAsync(cancellationToken)).Templates;
        await ForEachMatchAsync(
            TemplateId,
            () => templates.ListIdsAsync(cancellationToken),
            async id =>
            {
                await templates.GetAsync(id, cancellationToken);
                if (!ShouldProcess(id, "Remove template", isAsked: !Force))
                    return;

                await templates.RemoveAsync(id, cancellationToken);
                WriteVerbose($"Removed template '{id}'.");
            });
    }
}
