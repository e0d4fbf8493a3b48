using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Deletes things. Their certificates and policies stay.</summary>
/// <remarks>
/// <para>Certificates are detached from the thing first. To take a device's access away as well, set the status of its certificate before.</para>
/// </remarks>
/// <example>
/// <para>Delete the things of a trial run without being asked for each</para>
/// <code>Get-CdfThing trial-* | Remove-CdfThing -Confirm:$false</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "CdfThing", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveCdfThingCommand : CdfCmdlet
{
    /// <summary>The names of the things.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ThingName")]
    [ArgumentCompleter(typeof(ThingNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var things = (await ConnectionAsync(cancellationToken)).Things;
        await ForEachAsync(
            Name,
            async name =>
            {
                if (!ShouldProcess(name, "Remove thing"))
                    return;

                await things.RemoveAsync(name, cancellationToken);
                WriteVerbose($"Removed thing '{name}'.");
            });
    }
}
