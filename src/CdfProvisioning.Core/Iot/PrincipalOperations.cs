namespace CdfProvisioning.Iot;

internal sealed record AttachThingPrincipalRequest(string ThingName, string Principal, string? ThingPrincipalType = null) : IIotRequest<AttachThingPrincipalResponse>;

internal sealed record AttachThingPrincipalResponse;

internal sealed record DetachThingPrincipalRequest(string ThingName, string Principal) : IIotRequest<DetachThingPrincipalResponse>;

internal sealed record DetachThingPrincipalResponse;

internal sealed record ListThingPrincipalsRequest(string ThingName, string? NextToken = null, int? MaxResults = null) : IIotRequest<ListThingPrincipalsResponse>;

internal sealed record ListThingPrincipalsResponse(IReadOnlyList<string>? Principals, string? NextToken);

internal sealed record ListPrincipalThingsRequest(string Principal, string? NextToken = null, int? MaxResults = null) : IIotRequest<ListPrincipalThingsResponse>;

internal sealed record ListPrincipalThingsResponse(IReadOnlyList<string>? Things, string? NextToken);

internal sealed record ListThingPrincipalsV2Request(
    string ThingName, string? NextToken = null, int? MaxResults = null, string? ThingPrincipalType = null) : IIotRequest<ListThingPrincipalsV2Response>;

internal sealed record ListThingPrincipalsV2Response(IReadOnlyList<ThingPrincipalObject>? ThingPrincipalObjects, string? NextToken);

internal sealed record ListPrincipalThingsV2Request(
    string Principal, string? NextToken = null, int? MaxResults = null, string? ThingPrincipalType = null) : IIotRequest<ListPrincipalThingsV2Response>;

internal sealed record ListPrincipalThingsV2Response(IReadOnlyList<PrincipalThingObject>? PrincipalThingObjects, string? NextToken);

// AWS has AttachPolicy, DetachPolicy, ListAttachedPolicies and ListTargetsForPolicy in the place of these, and serves them still.

internal sealed record AttachPrincipalPolicyRequest(string PolicyName, string Principal) : IIotRequest<AttachPrincipalPolicyResponse>;

internal sealed record AttachPrincipalPolicyResponse;

internal sealed record DetachPrincipalPolicyRequest(string PolicyName, string Principal) : IIotRequest<DetachPrincipalPolicyResponse>;

internal sealed record DetachPrincipalPolicyResponse;

internal sealed record ListPrincipalPoliciesRequest(
    string Principal, string? Marker = null, int? PageSize = null, bool? AscendingOrder = null) : IIotRequest<ListPrincipalPoliciesResponse>;

internal sealed record ListPrincipalPoliciesResponse(IReadOnlyList<Policy>? Policies, string? NextMarker);

internal sealed record ListPolicyPrincipalsRequest(
    string PolicyName, string? Marker = null, int? PageSize = null, bool? AscendingOrder = null) : IIotRequest<ListPolicyPrincipalsResponse>;

internal sealed record ListPolicyPrincipalsResponse(IReadOnlyList<string>? Principals, string? NextMarker);
