using System.Management.Automation;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>Sets the status of the certificates attached to things.</summary>
/// <remarks>
/// <para>A device with an INACTIVE certificate cannot connect. REVOKED is final, and so the command asks before (Force, Confirm:$false).</para>
/// </remarks>
/// <example>
/// <para>Lock out the devices of a stolen pallet</para>
/// <code>Get-CdfThing -Group pallet-12 | Set-CdfThingCertificateStatus -Status INACTIVE</code>
/// </example>
[Cmdlet(VerbsCommon.Set, "CdfThingCertificateStatus", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(Thing))]
public sealed class SetCdfThingCertificateStatusCommand : ChangeThingsCmdlet
{
    /// <summary>ACTIVE, INACTIVE or REVOKED.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateSet("ACTIVE", "INACTIVE", "REVOKED")]
    public string Status { get; set; } = string.Empty;

    /// <summary>Emits the things as they are afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Does not ask before certificates are REVOKED, which is final.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override string Action => $"Set certificate status {Status.ToUpperInvariant()}";

    private protected override bool IsAsked => !Force && Status.Equals(CertificateStatus.Revoked, StringComparison.OrdinalIgnoreCase);

    private protected override bool IsOneByOne => PassThru;

    private protected override async ValueTask<string> DescribeAsync(ThingService things, string thingName, CancellationToken cancellationToken)
    {
        await things.CheckHasCertificateAsync(thingName, cancellationToken);
        return thingName;
    }

    private protected override IAsyncEnumerable<(string ThingName, CdfException? Failure)> ChangeAsync(
        ThingService things, IReadOnlyList<string> thingNames, CancellationToken cancellationToken) =>
        things.SetCertificateStatusOfEachAsync(thingNames, Status.ToUpperInvariant(), cancellationToken);

    private protected override async ValueTask ReportAsync(ThingService things, string thingName, CancellationToken cancellationToken)
    {
        WriteVerbose($"Set the certificates of thing '{thingName}' to {Status.ToUpperInvariant()}.");
        if (PassThru)
            WriteObject(Readable.Of(await things.GetAsync(thingName, cancellationToken)));
    }
}
