namespace CdfProvisioning;

/// <summary>A certificate authority that is registered with AWS IoT and may sign device certificates.</summary>
public sealed record CertificateAuthority
{
    /// <summary>The CA certificate's id: its SHA-256 fingerprint, 64 hexadecimal digits.</summary>
    public required string CaId { get; init; }

    /// <summary>The CA certificate's ARN.</summary>
    public string? Arn { get; init; }

    /// <summary>The ARN under which ACM PCA issues from this CA; on the embedded backend only, and only if its private key is at hand.</summary>
    public string? PrivateCaArn { get; init; }

    /// <summary>ACTIVE or INACTIVE.</summary>
    public string? Status { get; init; }

    /// <summary>Whether certificates of the CA are registered when their devices first connect.</summary>
    public bool AutoRegistration { get; init; }

    /// <summary>The name of the provisioning template with which such devices are provisioned.</summary>
    public string? ProvisioningTemplateName { get; init; }

    /// <summary>The provisioning template with which such devices are provisioned, if it has no name.</summary>
    public string? TemplateBody { get; init; }

    /// <summary>The CA's distinguished name.</summary>
    public string? Subject { get; init; }

    /// <summary>When the CA certificate expires.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>Whether its private key is at hand, so that it can sign.</summary>
    public bool HasPrivateKey { get; init; }

    /// <summary>Where the private key is, if not here: in a token or in AWS KMS.</summary>
    public string? KeyUri { get; init; }

    /// <summary>The CA certificate as PEM.</summary>
    public string? CertificatePem { get; init; }

    /// <summary>Its tags, key to value.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();
}
