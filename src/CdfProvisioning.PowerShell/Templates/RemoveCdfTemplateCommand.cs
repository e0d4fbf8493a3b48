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
    /// <summary>The ids of the templates.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TemplateIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] TemplateId { get; set; } = [];

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var templates = (await ConnectionAsync(cancellationToken)).Templates;
        await ForEachAsync(
            TemplateId,
            async id =>
            {
                if (!ShouldProcess(id, "Remove template"))
                    return;

                if (!await templates.RemoveAsync(id, cancellationToken))
                    throw new CdfException(CdfErrorCode.NotFound, $"There is no template '{id}'. Get-CdfTemplate lists those there are.");

                WriteVerbose($"Removed template '{id}'.");
            });
    }
}
