using System.Text.Json.Serialization;

namespace CdfProvisioning.Iot;

internal sealed record DescribeEventConfigurationsRequest : IIotRequest<DescribeEventConfigurationsResponse>;

internal sealed record DescribeEventConfigurationsResponse(
    IReadOnlyDictionary<string, EventConfiguration>? EventConfigurations, DateTimeOffset? CreationDate = null, DateTimeOffset? LastModifiedDate = null);

internal sealed record EventConfiguration([property: JsonPropertyName("Enabled")] bool Enabled);

internal sealed record GetLoggingOptionsRequest : IIotRequest<GetLoggingOptionsResponse>;

internal sealed record GetLoggingOptionsResponse(string? RoleArn, string? LogLevel);

internal sealed record GetV2LoggingOptionsRequest(bool? Verbose = null) : IIotRequest<GetV2LoggingOptionsResponse>;

internal sealed record GetV2LoggingOptionsResponse(
    string? RoleArn, string? DefaultLogLevel, bool? DisableAllLogs, IReadOnlyList<LogEventConfiguration>? EventConfigurations = null);

internal sealed record LogEventConfiguration(string? EventType = null, string? LogLevel = null, string? LogDestination = null);
