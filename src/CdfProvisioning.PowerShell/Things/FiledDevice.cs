namespace CdfProvisioning;

/// <summary>A device that was provisioned, and where its key is: what New-CdfThing emits with KeyDirectory.</summary>
public sealed record FiledDevice
{
    /// <summary>The name of the provisioned thing.</summary>
    public string? ThingName { get; init; }

    /// <summary>The id of the device's certificate.</summary>
    public string? CertificateId { get; init; }

    /// <summary>The file, readable by you alone, that has the private key and the certificate as PEM.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The device's certificate as PEM.</summary>
    public string? CertificatePem { get; init; }

    /// <summary>The public key (SubjectPublicKeyInfo PEM).</summary>
    public string? PublicKey { get; init; }

    /// <summary>The ARN of each resource, by the template's logical id.</summary>
    public IReadOnlyDictionary<string, string> ResourceArns { get; init; } = new Dictionary<string, string>();

    internal static FiledDevice Of(ProvisionResponse response) => new()
    {
        ThingName = response.ThingName,
        CertificateId = response.CertificateId,
        KeyFile = response.KeyFile,
        CertificatePem = response.CertificatePem,
        PublicKey = response.PublicKey,
        ResourceArns = response.ResourceArns,
    };
}
