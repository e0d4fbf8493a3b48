using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Deletes things, and with them their certificates and policies if so told.</summary>
/// <remarks>
/// <para>
/// Certificates are detached from the thing first, and stay with their policies unless IncludeCertificates,
/// IncludePolicies or the settings given to Connect-Cdf say otherwise. To take a device's access away without deleting
/// its certificate, set the certificate's status.
/// </para>
/// </remarks>
/// <example>
/// <para>Delete the things of a trial run without being asked for each</para>
/// <code>Get-CdfThing trial-* | Remove-CdfThing -Confirm:$false</code>
/// </example>
/// <example>
/// <para>Delete a device with everything that is only its own</para>
/// <code>Remove-CdfThing sensor-1 -IncludeCertificates -IncludePolicies</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "CdfThing", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveCdfThingCommand : CdfCmdlet
{
    /// <summary>The names of the things, or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ThingName")]
    [ArgumentCompleter(typeof(ThingNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Deletes the certificates too, except those that are attached to another thing as well.</summary>
    [Parameter]
    public SwitchParameter IncludeCertificates { get; set; }

    /// <summary>Deletes the policies of the certificates too, except those that are attached to anything else as well.</summary>
    [Parameter]
    public SwitchParameter IncludePolicies { get; set; }

    /// <summary>Does not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var bound = MyInvocation.BoundParameters;
        bool? certificates = bound.ContainsKey(nameof(IncludeCertificates)) ? IncludeCertificates : null;
        bool? policies = bound.ContainsKey(nameof(IncludePolicies)) ? IncludePolicies : null;
        var things = (await ConnectionAsync(cancellationToken)).Things;
        await ForEachMatchAsync(
            Name,
            () => things.ListNamesAsync(thingType: null, group: null, cancellationToken),
            async name =>
            {
                var plan = await things.PlanRemovalAsync(name, certificates, policies, cancellationToken);
                if (!ShouldProcess(plan, "Remove thing", isAsked: !Force))
                    return;

                await things.RemoveAsync(name, certificates, policies, cancellationToken);
                WriteVerbose($"Removed thing '{name}'.");
            });
    }
}
