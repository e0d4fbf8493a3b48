namespace CdfProvisioning.Iot;

internal sealed record CreateBillingGroupRequest(
    string BillingGroupName, BillingGroupProperties? BillingGroupProperties = null, IReadOnlyList<Tag>? Tags = null) : IIotRequest<CreateBillingGroupResponse>;

internal sealed record CreateBillingGroupResponse(string? BillingGroupName, string? BillingGroupArn, string? BillingGroupId);

internal sealed record DescribeBillingGroupRequest(string BillingGroupName) : IIotRequest<DescribeBillingGroupResponse>;

internal sealed record DescribeBillingGroupResponse(
    string? BillingGroupName, string? BillingGroupId, string? BillingGroupArn, long? Version,
    BillingGroupProperties? BillingGroupProperties, BillingGroupMetadata? BillingGroupMetadata);

internal sealed record ListBillingGroupsRequest(
    string? NextToken = null, int? MaxResults = null, string? NamePrefixFilter = null) : IIotRequest<ListBillingGroupsResponse>;

internal sealed record ListBillingGroupsResponse(IReadOnlyList<GroupNameAndArn>? BillingGroups, string? NextToken);

internal sealed record UpdateBillingGroupRequest(
    string BillingGroupName, BillingGroupProperties BillingGroupProperties, long? ExpectedVersion = null) : IIotRequest<UpdateBillingGroupResponse>;

internal sealed record UpdateBillingGroupResponse(long? Version);

internal sealed record DeleteBillingGroupRequest(string BillingGroupName, long? ExpectedVersion = null) : IIotRequest<DeleteBillingGroupResponse>;

internal sealed record DeleteBillingGroupResponse;

internal sealed record AddThingToBillingGroupRequest(
    string? BillingGroupName = null, string? BillingGroupArn = null, string? ThingName = null, string? ThingArn = null) : IIotRequest<AddThingToBillingGroupResponse>;

internal sealed record AddThingToBillingGroupResponse;

internal sealed record RemoveThingFromBillingGroupRequest(
    string? BillingGroupName = null, string? BillingGroupArn = null, string? ThingName = null, string? ThingArn = null) : IIotRequest<RemoveThingFromBillingGroupResponse>;

internal sealed record RemoveThingFromBillingGroupResponse;

internal sealed record ListThingsInBillingGroupRequest(
    string BillingGroupName, string? NextToken = null, int? MaxResults = null) : IIotRequest<ListThingsInBillingGroupResponse>;

internal sealed record ListThingsInBillingGroupResponse(IReadOnlyList<string>? Things, string? NextToken);
