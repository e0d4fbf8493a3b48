using System.Management.Automation;
using System.Net;
using System.Security;
using CdfProvisioning.Certificates;

namespace CdfProvisioning.PowerShell;

/// <summary>Makes a certificate authority, or imports one, and registers it, active.</summary>
/// <remarks>
/// <para>
/// Its key signs the certificates of devices whose template says createDeviceCertificate, and on the embedded backend also
/// of those whose template says acmpca: PrivateCaArn is what ACM PCA would call it. The key is kept beside the registry
/// in a file that only you can read; it is never in the output.
/// </para>
/// </remarks>
/// <example>
/// <para>Make a CA that is valid for ten years</para>
/// <code>New-CdfCertificateAuthority -CommonName 'Factory 7' -Organization Example -Country DE -ValidityDays 3650</code>
/// </example>
/// <example>
/// <para>Import a CA that was made with openssl</para>
/// <code>New-CdfCertificateAuthority -CertificatePath ./ca.pem -PrivateKeyPath ./ca.key -Password (Read-Host -AsSecureString)</code>
/// </example>
[Cmdlet(VerbsCommon.New, "CdfCertificateAuthority", SupportsShouldProcess = true, DefaultParameterSetName = "Create")]
[OutputType(typeof(CertificateAuthority))]
public sealed class NewCdfCertificateAuthorityCommand : CdfCmdlet
{
    /// <summary>The common name of the CA.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Create")]
    [ValidateNotNullOrEmpty]
    public string CommonName { get; set; } = string.Empty;

    /// <summary>The organization of the CA.</summary>
    [Parameter(ParameterSetName = "Create")]
    public string? Organization { get; set; }

    /// <summary>The unit of that organization.</summary>
    [Parameter(ParameterSetName = "Create")]
    public string? OrganizationalUnit { get; set; }

    /// <summary>The town of the CA.</summary>
    [Parameter(ParameterSetName = "Create")]
    public string? Locality { get; set; }

    /// <summary>The state or province of the CA.</summary>
    [Parameter(ParameterSetName = "Create")]
    public string? StateName { get; set; }

    /// <summary>The country of the CA, two letters.</summary>
    [Parameter(ParameterSetName = "Create")]
    public string? Country { get; set; }

    /// <summary>For how many days from now the CA is valid; 3650 if not given.</summary>
    [Parameter(ParameterSetName = "Create")]
    [ValidateRange(1, 36500)]
    public int ValidityDays { get; set; } = 3650;

    /// <summary>The CA's key: P256 if not given, RSA2048 or P384.</summary>
    [Parameter(ParameterSetName = "Create")]
    [ValidateSet(KeyAlgorithms.Rsa2048, KeyAlgorithms.P256, KeyAlgorithms.P384)]
    public string KeyAlgorithm { get; set; } = KeyAlgorithms.P256;

    /// <summary>The PEM file that has the certificate of an existing CA.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Import")]
    [ValidateNotNullOrEmpty]
    public string? CertificatePath { get; set; }

    /// <summary>The PEM file that has the private key of an existing CA. Without, the CA is registered for certificates that it signs elsewhere, of devices that send the server's name (mode SNI_ONLY).</summary>
    [Parameter(ParameterSetName = "Import")]
    [ValidateNotNullOrEmpty]
    public string? PrivateKeyPath { get; set; }

    /// <summary>The password of that private key, if it has one.</summary>
    [Parameter(ParameterSetName = "Import")]
    [ValidateNotNull]
    public SecureString? Password { get; set; }

    /// <summary>Tags of the CA, key to value.</summary>
    [Parameter]
    [DeviceParameters]
    public IReadOnlyDictionary<string, string>? Tag { get; set; }

    private protected override object? Target => CertificatePath ?? CommonName;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var authorities = (await ConnectionAsync(cancellationToken)).CertificateAuthorities;
        if (!ShouldProcess(CertificatePath ?? CommonName, "Register certificate authority"))
            return;

        var authority = CertificatePath is null
            ? await authorities.CreateAsync(
                new SubjectFields(CommonName, Organization, OrganizationalUnit, Locality, StateName, Country, EmailAddress: null),
                TimeSpan.FromDays(ValidityDays),
                cancellationToken,
                Tag,
                KeyAlgorithms.Parse(KeyAlgorithm))
            : await ImportAsync(authorities, await ReadFileAsync(ResolveFile(CertificatePath, literalPath: null), cancellationToken), cancellationToken);
        WriteVerbose($"Registered certificate authority {authority.CaId}, '{authority.Subject}'.");
        WriteObject(authority);
    }

    private async ValueTask<CertificateAuthority> ImportAsync(CertificateAuthorityService authorities, string certificatePem, CancellationToken cancellationToken) =>
        PrivateKeyPath is null
            ? await authorities.RegisterAsync(certificatePem, cancellationToken, Tag)
            : await authorities.ImportAsync(
                certificatePem,
                await ReadFileAsync(ResolveFile(PrivateKeyPath, literalPath: null), cancellationToken),
                Password is null ? null : new NetworkCredential(string.Empty, Password).Password,
                cancellationToken,
                Tag);
}
