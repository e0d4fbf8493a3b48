namespace CdfProvisioning.Iot;

internal sealed record CreateThingRequest(string ThingName, string? ThingTypeName = null, AttributePayload? AttributePayload = null, string? BillingGroupName = null) : IIotRequest<CreateThingResponse>;

internal sealed record CreateThingResponse(string? ThingName, string? ThingArn, string? ThingId);

internal sealed record DescribeThingRequest(string ThingName) : IIotRequest<DescribeThingResponse>;

internal sealed record DescribeThingResponse(
    string? DefaultClientId, string? ThingName, string? ThingId, string? ThingArn, string? ThingTypeName,
    IReadOnlyDictionary<string, string>? Attributes, long? Version, string? BillingGroupName);

internal sealed record UpdateThingRequest(
    string ThingName, string? ThingTypeName = null, AttributePayload? AttributePayload = null,
    long? ExpectedVersion = null, bool? RemoveThingType = null) : IIotRequest<UpdateThingResponse>;

internal sealed record UpdateThingResponse;

internal sealed record DeleteThingRequest(string ThingName, long? ExpectedVersion = null) : IIotRequest<DeleteThingResponse>;

internal sealed record DeleteThingResponse;

internal sealed record ListThingsRequest(
    string? NextToken = null, int? MaxResults = null, string? AttributeName = null, string? AttributeValue = null,
    string? ThingTypeName = null, bool? UsePrefixAttributeValue = null) : IIotRequest<ListThingsResponse>;

internal sealed record ListThingsResponse(IReadOnlyList<ThingAttribute>? Things, string? NextToken);

internal sealed record CreateThingTypeRequest(string ThingTypeName, ThingTypeProperties? ThingTypeProperties = null, IReadOnlyList<Tag>? Tags = null) : IIotRequest<CreateThingTypeResponse>;

internal sealed record CreateThingTypeResponse(string? ThingTypeName, string? ThingTypeArn, string? ThingTypeId);

internal sealed record DescribeThingTypeRequest(string ThingTypeName) : IIotRequest<DescribeThingTypeResponse>;

internal sealed record DescribeThingTypeResponse(
    string? ThingTypeName, string? ThingTypeId, string? ThingTypeArn, ThingTypeProperties? ThingTypeProperties, ThingTypeMetadata? ThingTypeMetadata);

internal sealed record ListThingTypesRequest(string? NextToken = null, int? MaxResults = null, string? ThingTypeName = null) : IIotRequest<ListThingTypesResponse>;

internal sealed record ListThingTypesResponse(IReadOnlyList<ThingTypeDefinition>? ThingTypes, string? NextToken);

internal sealed record UpdateThingTypeRequest(string ThingTypeName, ThingTypeProperties? ThingTypeProperties = null) : IIotRequest<UpdateThingTypeResponse>;

internal sealed record UpdateThingTypeResponse;

internal sealed record DeprecateThingTypeRequest(string ThingTypeName, bool? UndoDeprecate = null) : IIotRequest<DeprecateThingTypeResponse>;

internal sealed record DeprecateThingTypeResponse;

internal sealed record DeleteThingTypeRequest(string ThingTypeName) : IIotRequest<DeleteThingTypeResponse>;

internal sealed record DeleteThingTypeResponse;
