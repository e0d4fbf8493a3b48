using System.Management.Automation;
using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>Deletes certificate authorities and their keys.</summary>
/// <remarks>
/// <para>Certificates that the CA signed stay as they are. Its key is gone for good, unless you have it elsewhere.</para>
/// </remarks>
/// <example>
/// <para>Delete a CA</para>
/// <code>Get-CdfCertificateAuthority 3f2a* | Remove-CdfCertificateAuthority</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "CdfCertificateAuthority", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveCdfCertificateAuthorityCommand : CdfCmdlet
{
    /// <summary>The ids of the CA certificates, or their subjects; or patterns of ids.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(CaIdCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] CaId { get; set; } = [];

    /// <summary>Does not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(cancellationToken);
        var registry = connection.Registry;
        var authorities = connection.CertificateAuthorities;
        await ForEachMatchAsync(
            CaId,
            _ => registry.CaCertificatesAsync(cancellationToken).Select(ca => ca.CertificateId!),
            async name =>
            {
                var id = await CdfValues.FindAuthorityAsync(connection, name, cancellationToken, byBeginning: false);
                var ca = await authorities.GetAsync(id, cancellationToken);
                var active = await registry.CertificatesOfCaAsync(id, cancellationToken).CountAsync(certificate => certificate.Status == CertificateStatus.Active, cancellationToken);
                var issued = active == 0 ? "it has issued no certificate that is ACTIVE" : $"it has issued {active} {(active == 1 ? "certificate that is" : "certificates that are")} ACTIVE, and stay so";
                if (!ShouldProcess($"{id}, '{ca.Subject}'; {issued}", "Remove certificate authority and its key", isAsked: !Force))
                    return;

                await authorities.RemoveAsync(id, cancellationToken);
                WriteVerbose($"Removed certificate authority {id}.");
            });
    }
}
