namespace CdfProvisioning.Iot;

internal sealed record SearchIndexRequest(
    string QueryString, string? IndexName = null, string? NextToken = null, int? MaxResults = null, string? QueryVersion = null) : IIotRequest<SearchIndexResponse>;

internal sealed record SearchIndexResponse(string? NextToken, IReadOnlyList<ThingDocument>? Things, IReadOnlyList<ThingGroupDocument>? ThingGroups = null);

internal sealed record ThingDocument(
    string? ThingName, string? ThingId, string? ThingTypeName, IReadOnlyList<string>? ThingGroupNames, IReadOnlyDictionary<string, string>? Attributes);

internal sealed record ThingGroupDocument(
    string? ThingGroupName, string? ThingGroupId, string? ThingGroupDescription, IReadOnlyDictionary<string, string>? Attributes, IReadOnlyList<string>? ParentGroupNames);

internal sealed record DescribeIndexRequest(string IndexName) : IIotRequest<DescribeIndexResponse>;

internal sealed record DescribeIndexResponse(string? IndexName, string? IndexStatus, string? Schema);

internal sealed record ListIndicesRequest(string? NextToken = null, int? MaxResults = null) : IIotRequest<ListIndicesResponse>;

internal sealed record ListIndicesResponse(IReadOnlyList<string>? IndexNames, string? NextToken);

internal sealed record GetIndexingConfigurationRequest : IIotRequest<GetIndexingConfigurationResponse>;

internal sealed record GetIndexingConfigurationResponse(
    ThingIndexingConfiguration? ThingIndexingConfiguration, ThingGroupIndexingConfiguration? ThingGroupIndexingConfiguration);

internal sealed record UpdateIndexingConfigurationRequest(
    ThingIndexingConfiguration? ThingIndexingConfiguration = null, ThingGroupIndexingConfiguration? ThingGroupIndexingConfiguration = null) : IIotRequest<UpdateIndexingConfigurationResponse>;

internal sealed record UpdateIndexingConfigurationResponse;

internal sealed record ThingIndexingConfiguration(
    string ThingIndexingMode, string? ThingConnectivityIndexingMode = null, string? DeviceDefenderIndexingMode = null, string? NamedShadowIndexingMode = null,
    IReadOnlyList<IndexedField>? ManagedFields = null, IReadOnlyList<IndexedField>? CustomFields = null, IndexingFilter? Filter = null);

internal sealed record ThingGroupIndexingConfiguration(
    string ThingGroupIndexingMode, IReadOnlyList<IndexedField>? ManagedFields = null, IReadOnlyList<IndexedField>? CustomFields = null);

internal sealed record IndexedField(string? Name = null, string? Type = null);

internal sealed record IndexingFilter(IReadOnlyList<string>? NamedShadowNames = null, IReadOnlyList<GeoLocationTarget>? GeoLocations = null);

internal sealed record GeoLocationTarget(string? Name = null, string? Order = null);

internal sealed record GetStatisticsRequest(
    string QueryString, string? IndexName = null, string? AggregationField = null, string? QueryVersion = null) : IIotRequest<GetStatisticsResponse>;

internal sealed record GetStatisticsResponse(Statistics? Statistics);

internal sealed record Statistics(
    long? Count, double? Average = null, double? Sum = null, double? Minimum = null, double? Maximum = null, double? SumOfSquares = null,
    double? Variance = null, double? StdDeviation = null);

internal sealed record GetCardinalityRequest(
    string QueryString, string? IndexName = null, string? AggregationField = null, string? QueryVersion = null) : IIotRequest<GetCardinalityResponse>;

internal sealed record GetCardinalityResponse(long? Cardinality);
