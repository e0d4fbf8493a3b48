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
/// <para>
/// With KeyUri the key stays where it is, in a token (PKCS#11) or in AWS KMS, and must be there already: an RSA key of 2,048 bits or more, or
/// one on P-256, P-384 or P-521. It signs once as a test before anything is registered. The library of the token is the URI's
/// module-path, or the environment variable PKCS11_MODULE_PATH, or p11-kit's; a wrong PIN is tried once. KMS is
/// called with the credentials of the connection, or, from the embedded registry, with those that the AWS SDK finds; they need
/// kms:GetPublicKey and kms:Sign.
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
/// <example>
/// <para>Make a CA whose key is in an HSM, and stays there</para>
/// <code>New-CdfCertificateAuthority 'Factory 8' -KeyUri 'pkcs11:token=factory;object=ca?module-path=/usr/lib/softhsm/libsofthsm2.so&amp;pin-source=file:/etc/factory.pin'</code>
/// </example>
/// <example>
/// <para>Make a CA whose key is in AWS KMS</para>
/// <code>New-CdfCertificateAuthority 'Factory 9' -KeyUri 'awskms:key-id=alias/factory;region=eu-west-1'</code>
/// </example>
[Cmdlet(VerbsCommon.New, "CdfCertificateAuthority", SupportsShouldProcess = true, DefaultParameterSetName = "Create")]
[OutputType(typeof(CertificateAuthority))]
public sealed class NewCdfCertificateAuthorityCommand : CdfCmdlet
{
    /// <summary>The common name of the CA; with KeyUri, what the key is called where it is, if not given.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Create")]
    [Parameter(Position = 0, ParameterSetName = "Remote")]
    [ValidateNotNullOrEmpty]
    public string? CommonName { get; set; }

    /// <summary>The organization of the CA.</summary>
    [Parameter(ParameterSetName = "Create")]
    [Parameter(ParameterSetName = "Remote")]
    public string? Organization { get; set; }

    /// <summary>The unit of that organization.</summary>
    [Parameter(ParameterSetName = "Create")]
    [Parameter(ParameterSetName = "Remote")]
    public string? OrganizationalUnit { get; set; }

    /// <summary>The town of the CA.</summary>
    [Parameter(ParameterSetName = "Create")]
    [Parameter(ParameterSetName = "Remote")]
    public string? Locality { get; set; }

    /// <summary>The state or province of the CA.</summary>
    [Parameter(ParameterSetName = "Create")]
    [Parameter(ParameterSetName = "Remote")]
    public string? StateName { get; set; }

    /// <summary>The country of the CA, two letters.</summary>
    [Parameter(ParameterSetName = "Create")]
    [Parameter(ParameterSetName = "Remote")]
    public string? Country { get; set; }

    /// <summary>For how many days from now the CA is valid; 3650 if not given.</summary>
    [Parameter(ParameterSetName = "Create")]
    [Parameter(ParameterSetName = "Remote")]
    [ValidateRange(1, 36500)]
    public int ValidityDays { get; set; } = 3650;

    /// <summary>The CA's key: P256 if not given, RSA2048 or P384.</summary>
    [Parameter(ParameterSetName = "Create")]
    [ValidateSet(KeyAlgorithms.Rsa2048, KeyAlgorithms.P256, KeyAlgorithms.P384)]
    public string KeyAlgorithm { get; set; } = KeyAlgorithms.P256;

    /// <summary>The PEM file that has the certificate of an existing CA.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Import")]
    [Parameter(Mandatory = true, ParameterSetName = "ImportRemote")]
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

    /// <summary>
    /// Where the CA's private key is, if it is to stay there: in a token, pkcs11: with the attributes of RFC 7512
    /// (pkcs11:token=factory;object=ca), or in AWS KMS, awskms: with key-id and, if need be, region
    /// (awskms:key-id=alias/factory). The URI is kept with the CA.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = "Remote")]
    [Parameter(Mandatory = true, ParameterSetName = "ImportRemote")]
    [ValidateNotNullOrEmpty]
    public string? KeyUri { get; set; }

    /// <summary>The PIN of the token, for this session; it is not kept. Without, that of the URI's pin-source, of Connect-Cdf -Pin or of the environment variable CDF_PKCS11_PIN.</summary>
    [Parameter(ParameterSetName = "Remote")]
    [Parameter(ParameterSetName = "ImportRemote")]
    [ValidateNotNull]
    public SecureString? Pin { get; set; }

    /// <summary>Tags of the CA, key to value.</summary>
    [Parameter]
    [DeviceParameters]
    public IReadOnlyDictionary<string, string>? Tag { get; set; }

    private protected override object? Target => CertificatePath ?? CommonName ?? KeyUri;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var authorities = (await ConnectionAsync(cancellationToken)).CertificateAuthorities;
        if (!ShouldProcess($"{Target}", "Register certificate authority"))
            return;

        var authority = CertificatePath is null
            ? await CreateAsync(authorities, cancellationToken)
            : await ImportAsync(authorities, await ReadFileAsync(ResolveFile(CertificatePath, literalPath: null), cancellationToken), cancellationToken);
        WriteVerbose($"Registered certificate authority {authority.CaId}, '{authority.Subject}'.");
        WriteObject(authority);
    }

    private ValueTask<CertificateAuthority> CreateAsync(CertificateAuthorityService authorities, CancellationToken cancellationToken)
    {
        var subject = new SubjectFields(CommonName, Organization, OrganizationalUnit, Locality, StateName, Country);
        var validity = TimeSpan.FromDays(ValidityDays);
        return KeyUri is null
            ? authorities.CreateAsync(subject, validity, cancellationToken, Tag, KeyAlgorithms.Parse(KeyAlgorithm))
            : authorities.CreateAsync(subject, validity, KeyUri, Pin, cancellationToken, Tag);
    }

    private async ValueTask<CertificateAuthority> ImportAsync(CertificateAuthorityService authorities, string certificatePem, CancellationToken cancellationToken) =>
        KeyUri is not null
            ? await authorities.ImportAsync(certificatePem, KeyUri, Pin, cancellationToken, Tag)
            : PrivateKeyPath is null
            ? await authorities.RegisterAsync(certificatePem, cancellationToken, Tag)
            : await authorities.ImportAsync(
                certificatePem,
                await ReadFileAsync(ResolveFile(PrivateKeyPath, literalPath: null), cancellationToken),
                Password is null ? null : new NetworkCredential(string.Empty, Password).Password,
                cancellationToken,
                Tag);
}
