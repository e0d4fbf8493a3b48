namespace CdfProvisioning.Iot;

internal sealed record CreateThingGroupRequest(
    string ThingGroupName, string? ParentGroupName = null, ThingGroupProperties? ThingGroupProperties = null,
    IReadOnlyList<Tag>? Tags = null) : IIotRequest<CreateThingGroupResponse>;

internal sealed record CreateThingGroupResponse(string? ThingGroupName, string? ThingGroupArn, string? ThingGroupId);

internal sealed record DescribeThingGroupRequest(string ThingGroupName) : IIotRequest<DescribeThingGroupResponse>;

internal sealed record DescribeThingGroupResponse(
    string? ThingGroupName, string? ThingGroupId, string? ThingGroupArn, long? Version,
    ThingGroupProperties? ThingGroupProperties, ThingGroupMetadata? ThingGroupMetadata,
    string? IndexName = null, string? QueryString = null, string? QueryVersion = null, string? Status = null);

internal sealed record ListThingGroupsRequest(
    string? NextToken = null, int? MaxResults = null, string? ParentGroup = null, string? NamePrefixFilter = null,
    bool? Recursive = null) : IIotRequest<ListThingGroupsResponse>;

internal sealed record ListThingGroupsResponse(IReadOnlyList<GroupNameAndArn>? ThingGroups, string? NextToken);

internal sealed record UpdateThingGroupRequest(
    string ThingGroupName, ThingGroupProperties ThingGroupProperties, long? ExpectedVersion = null) : IIotRequest<UpdateThingGroupResponse>;

internal sealed record UpdateThingGroupResponse(long? Version);

internal sealed record DeleteThingGroupRequest(string ThingGroupName, long? ExpectedVersion = null) : IIotRequest<DeleteThingGroupResponse>;

internal sealed record DeleteThingGroupResponse;

internal sealed record AddThingToThingGroupRequest(
    string? ThingGroupName = null, string? ThingGroupArn = null, string? ThingName = null, string? ThingArn = null,
    bool? OverrideDynamicGroups = null) : IIotRequest<AddThingToThingGroupResponse>;

internal sealed record AddThingToThingGroupResponse;

internal sealed record RemoveThingFromThingGroupRequest(
    string? ThingGroupName = null, string? ThingGroupArn = null, string? ThingName = null, string? ThingArn = null) : IIotRequest<RemoveThingFromThingGroupResponse>;

internal sealed record RemoveThingFromThingGroupResponse;

internal sealed record UpdateThingGroupsForThingRequest(
    string? ThingName = null, IReadOnlyList<string>? ThingGroupsToAdd = null, IReadOnlyList<string>? ThingGroupsToRemove = null,
    bool? OverrideDynamicGroups = null) : IIotRequest<UpdateThingGroupsForThingResponse>;

internal sealed record UpdateThingGroupsForThingResponse;

internal sealed record ListThingGroupsForThingRequest(string ThingName, string? NextToken = null, int? MaxResults = null) : IIotRequest<ListThingGroupsForThingResponse>;

internal sealed record ListThingGroupsForThingResponse(IReadOnlyList<GroupNameAndArn>? ThingGroups, string? NextToken);

internal sealed record ListThingsInThingGroupRequest(
    string ThingGroupName, bool? Recursive = null, string? NextToken = null, int? MaxResults = null) : IIotRequest<ListThingsInThingGroupResponse>;

internal sealed record ListThingsInThingGroupResponse(IReadOnlyList<string>? Things, string? NextToken);

internal sealed record CreateDynamicThingGroupRequest(
    string ThingGroupName, string QueryString, ThingGroupProperties? ThingGroupProperties = null, string? IndexName = null, string? QueryVersion = null,
    IReadOnlyList<Tag>? Tags = null) : IIotRequest<CreateDynamicThingGroupResponse>;

internal sealed record CreateDynamicThingGroupResponse(
    string? ThingGroupName, string? ThingGroupArn, string? ThingGroupId, string? IndexName, string? QueryString, string? QueryVersion);

internal sealed record UpdateDynamicThingGroupRequest(
    string ThingGroupName, ThingGroupProperties ThingGroupProperties, long? ExpectedVersion = null, string? IndexName = null, string? QueryString = null,
    string? QueryVersion = null) : IIotRequest<UpdateDynamicThingGroupResponse>;

internal sealed record UpdateDynamicThingGroupResponse(long? Version);

internal sealed record DeleteDynamicThingGroupRequest(string ThingGroupName, long? ExpectedVersion = null) : IIotRequest<DeleteDynamicThingGroupResponse>;

internal sealed record DeleteDynamicThingGroupResponse;
