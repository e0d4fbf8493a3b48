using System.Security.Cryptography;
using System.Text;

namespace CdfProvisioning.Templates;

/// <summary>The CDF section of a template: what CDF does beyond AWS IoT's own provisioning.</summary>
internal sealed record CdfSection
{
    public static CdfSection None { get; } = new();

    public bool CreateDeviceCertificate { get; init; }

    public bool CreateDeviceAwsCertificate { get; init; }

    public bool RegisterDeviceCertificateWithoutCA { get; init; }

    public AcmPcaMode? AcmPcaMode { get; init; }

    public bool ClientIdMustMatchThingName { get; init; }

    public IReadOnlyList<AdditionalPolicy> AttachAdditionalPolicies { get; init; } = [];

    /// <summary>Whether a certificate gets what the one that it replaces has: no template can ask for that.</summary>
    public bool CopiesAttachments { get; init; }

    /// <summary>Whether an existing thing comes into the template's billing group: no template can ask for that.</summary>
    public bool SetsBillingGroup { get; init; }

    /// <summary>Whether there is anything to do; without, AWS can do the whole registration.</summary>
    public bool Any => FilledParameters.Count > 0 || ClientIdMustMatchThingName || AttachAdditionalPolicies.Count > 0;

    /// <summary>Whether its extension needs values from the caller, <see cref="CdfProvisioningParameters"/>.</summary>
    public bool TakesParameters => CreateDeviceCertificate || RegisterDeviceCertificateWithoutCA || AcmPcaMode is not null;

    /// <summary>Whether its extension makes a private key for a device that brings these parameters along.</summary>
    public bool MakesKey(CdfProvisioningParameters? given) => CreateDeviceCertificate || CreateDeviceAwsCertificate || (AcmPcaMode is not null && given?.Csr is null);

    /// <summary>The parameters that the section's extension gives values to, the first of them being the one that identifies the certificate.</summary>
    public IReadOnlyList<string> FilledParameters => this switch
    {
        { CreateDeviceCertificate: true } => ["CertificatePem", "CaCertificatePem"],
        { CreateDeviceAwsCertificate: true } => ["CertificateId", "CertificateArn", "CaCertificatePem"],
        { RegisterDeviceCertificateWithoutCA: true } or { AcmPcaMode: not null } => ["CertificateId", "CertificateArn"],
        _ => [],
    };
}

/// <summary>How a certificate issued by ACM PCA is registered with AWS IoT.</summary>
internal enum AcmPcaMode
{
    RegisterWithCA,
    RegisterWithoutCA,
}

/// <summary>A policy to attach to the certificate after the registration; without a document it must exist.</summary>
internal sealed record AdditionalPolicy(string Name, string? Document)
{
    private const int HashLength = 8;

    /// <summary>AWS IoT API Reference, PolicyName.</summary>
    private const int MaxNameLength = 128;

    /// <summary>
    /// The name that it has where a policy of its own has another document, so that an edited template goes on working:
    /// equal documents share it.
    /// </summary>
    public string NameOfItsDocument =>
        $"{Name[..Math.Min(Name.Length, MaxNameLength - HashLength - 1)]}_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Document!)))[..HashLength]}";
}
