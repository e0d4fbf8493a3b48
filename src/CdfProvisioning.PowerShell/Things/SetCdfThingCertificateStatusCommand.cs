using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Sets the status of the certificates attached to things.</summary>
/// <remarks>
/// <para>A device with an INACTIVE certificate cannot connect. REVOKED is final.</para>
/// </remarks>
/// <example>
/// <para>Lock out the devices of a stolen pallet</para>
/// <code>Get-CdfThing -Group pallet-12 | Set-CdfThingCertificateStatus -Status INACTIVE</code>
/// </example>
[Cmdlet(VerbsCommon.Set, "CdfThingCertificateStatus", SupportsShouldProcess = true)]
[OutputType(typeof(Thing))]
public sealed class SetCdfThingCertificateStatusCommand : CdfCmdlet
{
    /// <summary>The names of the things.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ThingName")]
    [ArgumentCompleter(typeof(ThingNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>ACTIVE, INACTIVE or REVOKED.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateSet("ACTIVE", "INACTIVE", "REVOKED")]
    public string Status { get; set; } = string.Empty;

    /// <summary>Emits the things as they are afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var things = (await ConnectionAsync(cancellationToken)).Things;
        var status = Status.ToUpperInvariant();
        await ForEachAsync(
            Name,
            async name =>
            {
                if (!ShouldProcess(name, $"Set certificate status {status}"))
                    return;

                await things.SetCertificateStatusAsync(name, status, cancellationToken);
                WriteVerbose($"Set the certificates of thing '{name}' to {status}.");
                if (PassThru)
                    WriteObject(await things.GetAsync(name, cancellationToken));
            });
    }
}
