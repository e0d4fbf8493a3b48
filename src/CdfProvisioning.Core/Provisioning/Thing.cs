using System.Text.Json.Serialization;
using CdfProvisioning.Certificates;

namespace CdfProvisioning;

/// <summary>A provisioned thing with everything that hangs on it (CDF Provisioning API 1.0.0, <c>Thing</c>).</summary>
public sealed record Thing
{
    /// <summary>The thing's name, unique in the account and region.</summary>
    public required string ThingName { get; init; }

    /// <summary>The thing's ARN.</summary>
    public string? Arn { get; init; }

    /// <summary>The name of its thing type, if it has one.</summary>
    public string? ThingType { get; init; }

    /// <summary>Its attributes, name to value.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>The id of the bulk registration task that registered it, if one did.</summary>
    public string? TaskId { get; init; }

    /// <summary>The certificates attached to it.</summary>
    public IReadOnlyList<ThingCertificate> Certificates { get; init; } = [];

    /// <summary>When the last of its ACTIVE certificates ends, UTC; null if it has none.</summary>
    [JsonIgnore]
    public DateTimeOffset? NotAfter => Certificates.Where(certificate => certificate.CertificateStatus == "ACTIVE").Max(certificate => certificate.NotAfter);

    /// <summary>The whole days until then; negative once it has ended.</summary>
    [JsonIgnore]
    public int? DaysLeft => NotAfter is { } end ? (int)Math.Floor((end - DateTimeOffset.UtcNow).TotalDays) : null;

    /// <summary>The policies attached to its certificates.</summary>
    public IReadOnlyList<ThingPolicy> Policies { get; init; } = [];

    /// <summary>The billing group that it is in.</summary>
    [JsonIgnore]
    public string? BillingGroup { get; init; }

    /// <summary>The thing groups it is a direct member of.</summary>
    public IReadOnlyList<ThingGroup> Groups { get; init; } = [];
}

/// <summary>A certificate attached to a thing.</summary>
/// <param name="CertificateId">The SHA-256 fingerprint of the certificate, 64 hexadecimal digits.</param>
/// <param name="Arn">The certificate's ARN.</param>
/// <param name="CertificateStatus">ACTIVE, INACTIVE, REVOKED, PENDING_TRANSFER, PENDING_ACTIVATION or REGISTER_INACTIVE.</param>
/// <param name="CertificatePem">The certificate as PEM.</param>
public sealed record ThingCertificate(string CertificateId, string? Arn, string? CertificateStatus, string? CertificatePem)
{
    /// <summary>The last moment at which it is valid, UTC.</summary>
    [JsonIgnore]
    public DateTimeOffset? NotAfter
    {
        get
        {
            try
            {
                return CertificatePem is null ? null : ParsedCertificate.FromPem(CertificatePem, "The certificate").NotAfter;
            }
            catch (CdfException)
            {
                return null; // it is the registry's, and shown as it is
            }
        }
    }
}

/// <summary>A policy attached to one of a thing's certificates.</summary>
/// <param name="PolicyName">The policy's name.</param>
/// <param name="Arn">The policy's ARN.</param>
/// <param name="PolicyDocument">The default version's document, JSON as text.</param>
public sealed record ThingPolicy(string PolicyName, string? Arn, string? PolicyDocument);

/// <summary>A thing group that a thing is a member of.</summary>
/// <param name="GroupName">The group's name.</param>
/// <param name="Arn">The group's ARN.</param>
/// <param name="Attributes">The group's attributes, name to value.</param>
public sealed record ThingGroup(string GroupName, string? Arn, IReadOnlyDictionary<string, string> Attributes)
{
    /// <summary>The groups in which it is, from the top to its parent.</summary>
    public IReadOnlyList<string> Ancestors { get; init; } = [];
}
