namespace CdfProvisioning.Iot;

internal sealed record CreatePolicyRequest(string PolicyName, string PolicyDocument, IReadOnlyList<Tag>? Tags = null) : IIotRequest<CreatePolicyResponse>;

internal sealed record CreatePolicyResponse(string? PolicyName, string? PolicyArn, string? PolicyDocument, string? PolicyVersionId);

internal sealed record GetPolicyRequest(string PolicyName) : IIotRequest<GetPolicyResponse>;

internal sealed record GetPolicyResponse(
    string? PolicyName, string? PolicyArn, string? PolicyDocument, string? DefaultVersionId,
    DateTimeOffset? CreationDate, DateTimeOffset? LastModifiedDate, string? GenerationId);

internal sealed record ListPoliciesRequest(string? Marker = null, int? PageSize = null, bool? AscendingOrder = null) : IIotRequest<ListPoliciesResponse>;

internal sealed record ListPoliciesResponse(IReadOnlyList<Policy>? Policies, string? NextMarker);

internal sealed record DeletePolicyRequest(string PolicyName) : IIotRequest<DeletePolicyResponse>;

internal sealed record DeletePolicyResponse;

internal sealed record AttachPolicyRequest(string PolicyName, string Target) : IIotRequest<AttachPolicyResponse>;

internal sealed record AttachPolicyResponse;

internal sealed record DetachPolicyRequest(string PolicyName, string Target) : IIotRequest<DetachPolicyResponse>;

internal sealed record DetachPolicyResponse;

internal sealed record ListAttachedPoliciesRequest(
    string Target, bool? Recursive = null, string? Marker = null, int? PageSize = null) : IIotRequest<ListAttachedPoliciesResponse>;

internal sealed record ListAttachedPoliciesResponse(IReadOnlyList<Policy>? Policies, string? NextMarker);

internal sealed record ListTargetsForPolicyRequest(string PolicyName, string? Marker = null, int? PageSize = null) : IIotRequest<ListTargetsForPolicyResponse>;

internal sealed record ListTargetsForPolicyResponse(IReadOnlyList<string>? Targets, string? NextMarker);

internal sealed record CreatePolicyVersionRequest(string PolicyName, string PolicyDocument, bool? SetAsDefault = null) : IIotRequest<CreatePolicyVersionResponse>;

internal sealed record CreatePolicyVersionResponse(string? PolicyArn, string? PolicyDocument, string? PolicyVersionId, bool? IsDefaultVersion);

internal sealed record GetPolicyVersionRequest(string PolicyName, string PolicyVersionId) : IIotRequest<GetPolicyVersionResponse>;

internal sealed record GetPolicyVersionResponse(
    string? PolicyArn, string? PolicyName, string? PolicyDocument, string? PolicyVersionId, bool? IsDefaultVersion,
    DateTimeOffset? CreationDate, DateTimeOffset? LastModifiedDate, string? GenerationId);

internal sealed record ListPolicyVersionsRequest(string PolicyName) : IIotRequest<ListPolicyVersionsResponse>;

internal sealed record ListPolicyVersionsResponse(IReadOnlyList<PolicyVersion>? PolicyVersions);

internal sealed record SetDefaultPolicyVersionRequest(string PolicyName, string PolicyVersionId) : IIotRequest<SetDefaultPolicyVersionResponse>;

internal sealed record SetDefaultPolicyVersionResponse;

internal sealed record DeletePolicyVersionRequest(string PolicyName, string PolicyVersionId) : IIotRequest<DeletePolicyVersionResponse>;

internal sealed record DeletePolicyVersionResponse;

internal sealed record GetEffectivePoliciesRequest(
    string? Principal = null, string? CognitoIdentityPoolId = null, string? ThingName = null) : IIotRequest<GetEffectivePoliciesResponse>;

internal sealed record GetEffectivePoliciesResponse(IReadOnlyList<EffectivePolicy>? EffectivePolicies);

internal sealed record TestAuthorizationRequest(
    IReadOnlyList<AuthInfo> AuthInfos, string? Principal = null, string? CognitoIdentityPoolId = null, string? ClientId = null,
    IReadOnlyList<string>? PolicyNamesToAdd = null, IReadOnlyList<string>? PolicyNamesToSkip = null) : IIotRequest<TestAuthorizationResponse>;

internal sealed record TestAuthorizationResponse(IReadOnlyList<AuthResult>? AuthResults);
