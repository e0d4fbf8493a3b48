using System.Management.Automation;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>Deletes things, and with them their certificates and policies if so told.</summary>
/// <remarks>
/// <para>
/// Certificates are detached from the thing first, and stay with their policies unless IncludeCertificates,
/// IncludePolicies or the settings given to Connect-Cdf say otherwise. To take a device's access away without deleting
/// its certificate, set the certificate's status.
/// </para>
/// <para>
/// Things that are piped in, and for which nobody is asked, are deleted together: 500 at a time on the embedded registry.
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
public sealed class RemoveCdfThingCommand : ChangeThingsCmdlet
{
    /// <summary>Deletes the certificates too, except those that are attached to another thing as well.</summary>
    [Parameter]
    public SwitchParameter IncludeCertificates { get; set; }

    /// <summary>Deletes the policies of the certificates too, except those that are attached to anything else as well.</summary>
    [Parameter]
    public SwitchParameter IncludePolicies { get; set; }

    /// <summary>Does not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override string Action => "Remove thing";

    private protected override bool IsAsked => !Force;

    private bool? Certificates => MyInvocation.BoundParameters.ContainsKey(nameof(IncludeCertificates)) ? IncludeCertificates : null;

    private bool? Policies => MyInvocation.BoundParameters.ContainsKey(nameof(IncludePolicies)) ? IncludePolicies : null;

    private protected override ValueTask<string> DescribeAsync(ThingService things, string thingName, CancellationToken cancellationToken) =>
        things.PlanRemovalAsync(thingName, Certificates, Policies, cancellationToken);

    private protected override IAsyncEnumerable<(string ThingName, CdfException? Failure)> ChangeAsync(
        ThingService things, IReadOnlyList<string> thingNames, CancellationToken cancellationToken) =>
        things.RemoveEachAsync(thingNames, Certificates, Policies, cancellationToken);

    private protected override ValueTask ReportAsync(ThingService things, string thingName, CancellationToken cancellationToken)
    {
        WriteVerbose($"Removed thing '{thingName}'.");
        return default;
    }
}
