namespace CdfProvisioning;

/// <summary>A registered device certificate.</summary>
public sealed record DeviceCertificate
{
    /// <summary>The certificate's id: the SHA-256 of its DER form, 64 hexadecimal digits.</summary>
    public required string CertificateId { get; init; }

    /// <summary>The certificate's ARN.</summary>
    public string? Arn { get; init; }

    /// <summary>ACTIVE, INACTIVE, REVOKED, PENDING_TRANSFER, PENDING_ACTIVATION or REGISTER_INACTIVE.</summary>
    public string? Status { get; init; }

    /// <summary>Whom the certificate is for, as a distinguished name.</summary>
    public required string Subject { get; init; }

    /// <summary>Who signed it, as a distinguished name.</summary>
    public required string Issuer { get; init; }

    /// <summary>The issuer's number for it, hexadecimal.</summary>
    public required string SerialNumber { get; init; }

    /// <summary>The first moment at which it is valid, UTC.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>The last moment at which it is valid, UTC.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>The whole days until then; negative once it has expired.</summary>
    public int DaysLeft => (int)Math.Floor((NotAfter - DateTimeOffset.UtcNow).TotalDays);

    /// <summary>The kind of its key, such as P256 or Rsa.</summary>
    public required string KeyAlgorithm { get; init; }

    /// <summary>The id of the registered CA that it was registered with, if it was.</summary>
    public string? CaId { get; init; }

    /// <summary>When it was registered, UTC.</summary>
    public DateTimeOffset? CreationDate { get; init; }

    /// <summary>When a device last connected with it to the device port of this registry (Start-CdfServer -DevicePort), to within an hour, UTC.</summary>
    public DateTimeOffset? LastConnected { get; init; }

    /// <summary>The names of the things that it is attached to.</summary>
    public IReadOnlyList<string> Things { get; init; } = [];

    /// <summary>The names of the policies that are attached to it.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>The certificate as PEM.</summary>
    public required string CertificatePem { get; init; }
}
