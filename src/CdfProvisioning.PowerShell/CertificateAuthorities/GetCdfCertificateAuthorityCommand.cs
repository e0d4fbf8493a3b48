using System.Management.Automation;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>Gets the registered certificate authorities.</summary>
/// <remarks>
/// <para>Ids may be patterns. Without an id, all CAs are got.</para>
/// </remarks>
/// <example>
/// <para>CAs that expire within 90 days</para>
/// <code>Get-CdfCertificateAuthority | Where-Object NotAfter -lt ([datetimeoffset]::Now.AddDays(90))</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "CdfCertificateAuthority")]
[OutputType(typeof(CertificateAuthority))]
public sealed class GetCdfCertificateAuthorityCommand : GetByNameCmdlet
{
    /// <summary>The ids of CA certificates, what they begin with, or their subjects; or patterns of ids.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(CaIdCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? CaId { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(cancellationToken);
        await WriteByNameAsync(
            CaId,
            _ => connection.Registry.CaCertificatesAsync(cancellationToken).Select(ca => ca.CertificateId!),
            async name => await connection.CertificateAuthorities.GetAsync(await CdfValues.FindAuthorityAsync(connection, name, cancellationToken), cancellationToken));
    }
}
