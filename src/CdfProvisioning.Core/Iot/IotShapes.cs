using System.Text.Json.Serialization;

namespace CdfProvisioning.Iot;

internal sealed record AttributePayload(IReadOnlyDictionary<string, string>? Attributes = null, bool? Merge = null);

internal sealed record ThingAttribute(string? ThingName, string? ThingTypeName, string? ThingArn, IReadOnlyDictionary<string, string>? Attributes, long? Version);

internal sealed record ThingTypeProperties(
    string? ThingTypeDescription = null, IReadOnlyList<string>? SearchableAttributes = null, Mqtt5Configuration? Mqtt5Configuration = null);

internal sealed record Mqtt5Configuration(IReadOnlyList<PropagatingAttribute>? PropagatingAttributes = null);

internal sealed record PropagatingAttribute(string? UserPropertyKey = null, string? ThingAttribute = null, string? ConnectionAttribute = null);


internal sealed record ThingTypeMetadata(bool? Deprecated, DateTimeOffset? DeprecationDate, DateTimeOffset? CreationDate);

internal sealed record ThingTypeDefinition(string? ThingTypeName, string? ThingTypeArn, ThingTypeProperties? ThingTypeProperties, ThingTypeMetadata? ThingTypeMetadata);

internal sealed record ThingGroupProperties(string? ThingGroupDescription = null, AttributePayload? AttributePayload = null);

internal sealed record GroupNameAndArn(string? GroupName, string? GroupArn);

internal sealed record ThingGroupMetadata(string? ParentGroupName, IReadOnlyList<GroupNameAndArn>? RootToParentThingGroups, DateTimeOffset? CreationDate);

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

internal sealed record EffectivePolicy(string? PolicyName, string? PolicyArn, string? PolicyDocument);

internal sealed record AuthInfo(IReadOnlyList<string> Resources, string? ActionType = null);

internal sealed record AuthResult(AuthInfo? AuthInfo, AllowedAuthorization? Allowed, DeniedAuthorization? Denied, string? AuthDecision, IReadOnlyList<string>? MissingContextValues);

internal sealed record AllowedAuthorization(IReadOnlyList<Policy>? Policies);

internal sealed record DeniedAuthorization(PolicyList? ImplicitDeny, PolicyList? ExplicitDeny);

internal sealed record PolicyList(IReadOnlyList<Policy>? Policies);

/// <summary>What is asked before a device is provisioned.</summary>
/// <param name="TargetArn">The ARN of the Lambda function.</param>
/// <param name="PayloadVersion">The version of what it is given: 2020-04-01.</param>
public sealed record ProvisioningHook(string TargetArn, string? PayloadVersion = null);

internal sealed record ProvisioningTemplateSummary(
    string? TemplateArn, string? TemplateName, string? Description, DateTimeOffset? CreationDate, DateTimeOffset? LastModifiedDate, bool? Enabled, string? Type);

internal sealed record ProvisioningTemplateVersionSummary(int? VersionId, DateTimeOffset? CreationDate, bool? IsDefaultVersion);
