using CdfProvisioning.Certificates;

namespace CdfProvisioning.Templates;

/// <summary>The resources of a template for one device.</summary>
internal sealed record ResolvedTemplate(ThingResource? Thing, CertificateResource? Certificate, IReadOnlyList<PolicyResource> Policies);

/// <summary>A thing to register; what is null the template says nothing about.</summary>
internal sealed record ThingResource(
    string LogicalId, string ThingName, IReadOnlyDictionary<string, string>? Attributes, string? ThingTypeName,
    IReadOnlyList<string>? ThingGroups, string? BillingGroup,
    OverrideAction AttributePayloadOverride, OverrideAction ThingTypeNameOverride, OverrideAction ThingGroupsOverride)
{
    /// <inheritdoc cref="ThingTemplate.OverridesBillingGroup"/>
    public bool OverridesBillingGroup { get; init; }
}

/// <summary>A certificate to register or, by id, to use: exactly one of request, id and PEM is not null.</summary>
/// <param name="LogicalId">Its name in the template.</param>
/// <param name="CertificateSigningRequest">The PEM of a PKCS#10 request.</param>
/// <param name="CertificateId">The id of a registered certificate.</param>
/// <param name="CertificatePem">A certificate that a registered CA has signed.</param>
/// <param name="CACertificatePem">The CA of <paramref name="CertificatePem"/>, where several share a subject.</param>
/// <param name="Status">ACTIVE or INACTIVE.</param>
/// <param name="ThingPrincipalType">EXCLUSIVE_THING or NON_EXCLUSIVE_THING.</param>
/// <param name="StatusOverride">What happens to the status of a certificate that is registered already.</param>
internal sealed record CertificateResource(
    string LogicalId, string? CertificateSigningRequest, string? CertificateId, string? CertificatePem, string? CACertificatePem,
    string Status, string ThingPrincipalType, OverrideAction StatusOverride)
{
    /// <summary>A thing's own certificate, which is no other thing's.</summary>
    public const string Exclusive = "EXCLUSIVE_THING";

    public const string NonExclusive = "NON_EXCLUSIVE_THING";

    /// <summary>The certificate's id; null if it is made from a CSR.</summary>
    /// <exception cref="CdfException">The PEM is no certificate.</exception>
    public string? GivenId => CertificateId ?? (CertificatePem is null ? null : ParsedCertificate.FromPem(CertificatePem, "The certificate").Id);
}

/// <summary>A policy to attach; without a document it must exist.</summary>
/// <param name="LogicalId">Its name in the template.</param>
/// <param name="PolicyName">Its name.</param>
/// <param name="PolicyDocument">The document with which it is made if it does not exist.</param>
/// <param name="AcceptsAnyDocument">Whether one that exists may have another document.</param>
/// <param name="NameIfTaken">The name that it has where one that exists has another document.</param>
internal sealed record PolicyResource(string LogicalId, string PolicyName, string? PolicyDocument, bool AcceptsAnyDocument = false, string? NameIfTaken = null);
