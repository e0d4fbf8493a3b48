using System.Management.Automation;

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
    /// <summary>The ids of the CA certificates.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(CaIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] CaId { get; set; } = [];

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var authorities = (await ConnectionAsync(cancellationToken)).CertificateAuthorities;
        await ForEachAsync(
            CaId,
            async id =>
            {
                if (!ShouldProcess(id, "Remove certificate authority and its key"))
                    return;

                await authorities.RemoveAsync(id, cancellationToken);
                WriteVerbose($"Removed certificate authority {id}.");
            });
    }
}
