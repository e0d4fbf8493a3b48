using System.Text.Json.Serialization;

namespace CdfProvisioning.Iot;

/// <summary>Attributes of a thing or a group.</summary>
/// <param name="Attributes">Name to value.</param>
/// <param name="Merge">In a request: whether attributes that are not named stay.</param>
public sealed record AttributePayload(IReadOnlyDictionary<string, string>? Attributes = null, bool? Merge = null);

internal sealed record ThingAttribute(string? ThingName, string? ThingTypeName, string? ThingArn, IReadOnlyDictionary<string, string>? Attributes, long? Version);

/// <summary>What a thing type says of its things.</summary>
/// <param name="ThingTypeDescription">What the things of this type are.</param>
/// <param name="SearchableAttributes">The attributes by which things of this type can be searched.</param>
public sealed record ThingTypeProperties(string? ThingTypeDescription = null, IReadOnlyList<string>? SearchableAttributes = null);

/// <summary>The life of a thing type.</summary>
/// <param name="Deprecated">Whether new things can no longer have it.</param>
/// <param name="DeprecationDate">Since when that is so, UTC.</param>
/// <param name="CreationDate">When it was created, UTC.</param>
public sealed record ThingTypeMetadata(bool? Deprecated, DateTimeOffset? DeprecationDate, DateTimeOffset? CreationDate);

internal sealed record ThingTypeDefinition(string? ThingTypeName, string? ThingTypeArn, ThingTypeProperties? ThingTypeProperties, ThingTypeMetadata? ThingTypeMetadata);

/// <summary>What a thing group says of itself.</summary>
/// <param name="ThingGroupDescription">What the group is for.</param>
/// <param name="AttributePayload">The group's attributes.</param>
public sealed record ThingGroupProperties(string? ThingGroupDescription = null, AttributePayload? AttributePayload = null);

/// <summary>A thing group, by name.</summary>
/// <param name="GroupName">The group's name.</param>
/// <param name="GroupArn">The group's ARN.</param>
public sealed record GroupNameAndArn(string? GroupName, string? GroupArn);

/// <summary>Where a thing group stands.</summary>
/// <param name="ParentGroupName">The group in which it is; none at the top.</param>
/// <param name="RootToParentThingGroups">The groups in which it is, from the top to its parent.</param>
/// <param name="CreationDate">When it was created, UTC.</param>
public sealed record ThingGroupMetadata(string? ParentGroupName, IReadOnlyList<GroupNameAndArn>? RootToParentThingGroups, DateTimeOffset? CreationDate);

internal sealed record BillingGroupProperties(string? BillingGroupDescription = null);

internal sealed record BillingGroupMetadata(DateTimeOffset? CreationDate);

internal sealed record Tag([property: JsonPropertyName("Key")] string Key, [property: JsonPropertyName("Value")] string? Value = null);

internal sealed record KeyPair(
    [property: JsonPropertyName("PublicKey")] string? PublicKey,
    [property: JsonPropertyName("PrivateKey")] string? PrivateKey);

internal sealed record CertificateValidity(DateTimeOffset? NotBefore, DateTimeOffset? NotAfter);

internal sealed record TransferData(
    string? TransferMessage = null, string? RejectReason = null, DateTimeOffset? TransferDate = null,
    DateTimeOffset? AcceptDate = null, DateTimeOffset? RejectDate = null);

internal sealed record CertificateDescription(
    string? CertificateArn, string? CertificateId, string? CaCertificateId, string? Status, string? CertificatePem,
    string? OwnedBy, string? PreviousOwnedBy, DateTimeOffset? CreationDate, DateTimeOffset? LastModifiedDate,
    int? CustomerVersion, TransferData? TransferData, string? GenerationId, CertificateValidity? Validity, string? CertificateMode);

internal sealed record Certificate(string? CertificateArn, string? CertificateId, string? Status, string? CertificateMode, DateTimeOffset? CreationDate);

internal sealed record RegistrationConfig(string? TemplateBody = null, string? RoleArn = null, string? TemplateName = null);

internal sealed record CaCertificateDescription(
    string? CertificateArn, string? CertificateId, string? Status, string? CertificatePem, string? OwnedBy,
    DateTimeOffset? CreationDate, string? AutoRegistrationStatus, DateTimeOffset? LastModifiedDate, int? CustomerVersion,
    string? GenerationId, CertificateValidity? Validity, string? CertificateMode);

internal sealed record CaCertificate(string? CertificateArn, string? CertificateId, string? Status, DateTimeOffset? CreationDate);

internal sealed record Policy(string? PolicyName, string? PolicyArn);

internal sealed record PolicyVersion(string? VersionId, bool? IsDefaultVersion, DateTimeOffset? CreateDate);

internal sealed record ThingPrincipalObject(string? Principal, string? ThingPrincipalType);

internal sealed record PrincipalThingObject(string? ThingName, string? ThingPrincipalType);
