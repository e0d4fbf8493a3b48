namespace CdfProvisioning.Iot;

internal sealed record CreateProvisioningTemplateRequest(
    string TemplateName, string TemplateBody, string ProvisioningRoleArn, string? Description = null, bool? Enabled = null,
    ProvisioningHook? PreProvisioningHook = null, IReadOnlyList<Tag>? Tags = null, string? Type = null) : IIotRequest<CreateProvisioningTemplateResponse>;

internal sealed record CreateProvisioningTemplateResponse(string? TemplateArn, string? TemplateName, int? DefaultVersionId);

internal sealed record DescribeProvisioningTemplateRequest(string TemplateName) : IIotRequest<DescribeProvisioningTemplateResponse>;

internal sealed record DescribeProvisioningTemplateResponse(
    string? TemplateArn, string? TemplateName, string? Description, DateTimeOffset? CreationDate, DateTimeOffset? LastModifiedDate, int? DefaultVersionId,
    string? TemplateBody, bool? Enabled, string? ProvisioningRoleArn, ProvisioningHook? PreProvisioningHook, string? Type);

internal sealed record ListProvisioningTemplatesRequest(int? MaxResults = null, string? NextToken = null) : IIotRequest<ListProvisioningTemplatesResponse>;

internal sealed record ListProvisioningTemplatesResponse(IReadOnlyList<ProvisioningTemplateSummary>? Templates, string? NextToken);

internal sealed record UpdateProvisioningTemplateRequest(
    string TemplateName, string? Description = null, bool? Enabled = null, int? DefaultVersionId = null, string? ProvisioningRoleArn = null,
    ProvisioningHook? PreProvisioningHook = null, bool? RemovePreProvisioningHook = null) : IIotRequest<UpdateProvisioningTemplateResponse>;

internal sealed record UpdateProvisioningTemplateResponse;

internal sealed record DeleteProvisioningTemplateRequest(string TemplateName) : IIotRequest<DeleteProvisioningTemplateResponse>;

internal sealed record DeleteProvisioningTemplateResponse;

internal sealed record CreateProvisioningTemplateVersionRequest(
    string TemplateName, string TemplateBody, bool? SetAsDefault = null) : IIotRequest<CreateProvisioningTemplateVersionResponse>;

internal sealed record CreateProvisioningTemplateVersionResponse(string? TemplateArn, string? TemplateName, int? VersionId, bool? IsDefaultVersion);

internal sealed record DescribeProvisioningTemplateVersionRequest(string TemplateName, int VersionId) : IIotRequest<DescribeProvisioningTemplateVersionResponse>;

internal sealed record DescribeProvisioningTemplateVersionResponse(int? VersionId, DateTimeOffset? CreationDate, string? TemplateBody, bool? IsDefaultVersion);

internal sealed record ListProvisioningTemplateVersionsRequest(
    string TemplateName, int? MaxResults = null, string? NextToken = null) : IIotRequest<ListProvisioningTemplateVersionsResponse>;

internal sealed record ListProvisioningTemplateVersionsResponse(IReadOnlyList<ProvisioningTemplateVersionSummary>? Versions, string? NextToken);

internal sealed record DeleteProvisioningTemplateVersionRequest(string TemplateName, int VersionId) : IIotRequest<DeleteProvisioningTemplateVersionResponse>;

internal sealed record DeleteProvisioningTemplateVersionResponse;

internal sealed record CreateProvisioningClaimRequest(string TemplateName) : IIotRequest<CreateProvisioningClaimResponse>;

internal sealed record CreateProvisioningClaimResponse(string? CertificateId, string? CertificatePem, KeyPair? KeyPair, DateTimeOffset? Expiration);
