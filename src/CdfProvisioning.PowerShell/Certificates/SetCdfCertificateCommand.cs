using System.Management.Automation;
using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>Sets the status of device certificates.</summary>
/// <remarks>
/// <para>A device with an INACTIVE certificate cannot connect. REVOKED is final, and is asked for unless Force is given.</para>
/// </remarks>
/// <example>
/// <para>Deactivate what has expired</para>
/// <code>Get-CdfCertificate -ExpiresWithin 0d -Status ACTIVE | Set-CdfCertificate -Status INACTIVE</code>
/// </example>
[Cmdlet(VerbsCommon.Set, "CdfCertificate", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(DeviceCertificate))]
public sealed class SetCdfCertificateCommand : CdfCmdlet
{
    /// <summary>The ids of the certificates, or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("CertificateId")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>ACTIVE, INACTIVE or REVOKED.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateSet(CertificateStatus.Active, CertificateStatus.Inactive, CertificateStatus.Revoked)]
    public string Status { get; set; } = "";

    /// <summary>Revokes without asking.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Emits the certificates as they are afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var certificates = (await ConnectionAsync(cancellationToken)).Certificates;
        var status = Status.ToUpperInvariant();
        await ForEachMatchAsync(
            Id,
            _ => certificates.IdsAsync(new(), cancellationToken),
            async id =>
            {
                if (IsWhatIf)
                    await certificates.GetAsync(id, cancellationToken);
                if (!ShouldProcess(id, $"Set certificate status {status}", isAsked: status == CertificateStatus.Revoked && !Force))
                    return;
                await certificates.SetStatusAsync(id, status, cancellationToken);
                WriteVerbose($"Set certificate {id} to {status}.");
                if (PassThru)
                    WriteObject(await certificates.GetAsync(id, cancellationToken));
            });
    }
}
