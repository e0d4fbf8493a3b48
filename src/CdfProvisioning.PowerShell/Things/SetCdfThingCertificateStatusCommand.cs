using System.Management.Automation;
using CdfProvisioning.Iot;

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
public sealed class SetCdfThingCertificateStatusCommand : CdfCmdlet
{
    /// <summary>The names of the things, or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ThingName")]
    [ArgumentCompleter(typeof(ThingNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

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

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var things = (await ConnectionAsync(cancellationToken)).Things;
        var status = Status.ToUpperInvariant();
        await ForEachMatchAsync(
            Name,
            () => things.ListNamesAsync(thingType: null, group: null, cancellationToken),
            async name =>
            {
                await things.CheckHasCertificateAsync(name, cancellationToken);
                if (!ShouldProcess(name, $"Set certificate status {status}", isAsked: status == CertificateStatus.Revoked && !Force))
                    return;

                await things.SetCertificateStatusAsync(name, status, cancellationToken);
                WriteVerbose($"Set the certificates of thing '{name}' to {status}.");
                if (PassThru)
                    WriteObject(Readable.Of(await things.GetAsync(name, cancellationToken)));
            });
    }
}
