using CdfProvisioning.Iot;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>What AWS IoT would publish and log of itself, of which there is nothing here: as in an account in which nobody switched it on.</summary>
internal static class Logging
{
    /// <summary>AWS IoT API Reference, EventType.</summary>
    private static readonly IReadOnlyDictionary<string, EventConfiguration> NoEvents = new[]
    {
        "CA_CERTIFICATE", "CERTIFICATE", "JOB", "JOB_EXECUTION", "POLICY", "THING", "THING_GROUP", "THING_GROUP_HIERARCHY", "THING_GROUP_MEMBERSHIP", "THING_TYPE",
        "THING_TYPE_ASSOCIATION",
    }.ToDictionary(type => type, _ => new EventConfiguration(false));

    public static DescribeEventConfigurationsResponse DescribeEvents(Scope scope, DescribeEventConfigurationsRequest request) => new(NoEvents);

    public static GetLoggingOptionsResponse GetOptions(Scope scope, GetLoggingOptionsRequest request) => new(RoleArn: null, "DISABLED");

    public static GetV2LoggingOptionsResponse GetOptions(Scope scope, GetV2LoggingOptionsRequest request) => new(RoleArn: null, "DISABLED", DisableAllLogs: true);
}
