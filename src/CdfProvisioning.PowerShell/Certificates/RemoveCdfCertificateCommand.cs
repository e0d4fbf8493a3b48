using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Deletes device certificates, after detaching them from their things and policies and deactivating them.</summary>
/// <remarks>
/// <para>The prompt and the plan (-WhatIf) say which things and policies each certificate is detached from. These stay.</para>
/// </remarks>
/// <example>
/// <para>Delete expired certificates that no thing has</para>
/// <code>Get-CdfCertificate -ExpiresWithin 0d -NotAttached | Remove-CdfCertificate -Force</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "CdfCertificate", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveCdfCertificateCommand : CdfCmdlet
{
    /// <summary>The ids of the certificates, or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("CertificateId")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>Deletes without asking.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var certificates = (await ConnectionAsync(cancellationToken)).Certificates;
        await ForEachMatchAsync(
            Id,
            _ => certificates.IdsAsync(new(), cancellationToken),
            async id =>
            {
                var uses = Uses(await certificates.GetAsync(id, cancellationToken));
                if (!ShouldProcess(id, $"Remove certificate{uses}", isAsked: !Force))
                    return;
                await certificates.RemoveAsync(id, cancellationToken);
                WriteVerbose($"Removed certificate {id}.");
            });
    }

    private static string Uses(DeviceCertificate certificate)
    {
        var parts = new List<string>(2);
        if (certificate.Things.Count > 0)
            parts.Add($"thing {string.Join(", ", certificate.Things)}");
        if (certificate.Policies.Count > 0)
            parts.Add($"policy {string.Join(", ", certificate.Policies)}");
        return parts.Count > 0 ? $", and detach it from {string.Join(" and ", parts)}" : "";
    }
}
