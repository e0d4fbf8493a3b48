using System.Collections.Frozen;
using System.Globalization;

namespace CdfProvisioning.Iot.Policies;

/// <summary>The actions of AWS IoT's policies (AWS IoT Developer Guide, AWS IoT Core policy actions; Service Authorization Reference for the credential provider and jobs).</summary>
internal static class PolicyActions
{
    public const string Connect = "iot:Connect";
    public const string Publish = "iot:Publish";
    public const string Receive = "iot:Receive";
    public const string RetainPublish = "iot:RetainPublish";
    public const string Subscribe = "iot:Subscribe";

    public static readonly IReadOnlyList<string> Known =
    [
        Connect, Publish, Receive, RetainPublish, Subscribe, "iot:GetRetainedMessage", "iot:ListRetainedMessages", "iot:GetThingShadow",
        "iot:UpdateThingShadow", "iot:DeleteThingShadow", "iot:ListNamedShadowsForThing", "iot:DescribeJobExecution",
        "iot:GetPendingJobExecutions", "iot:StartNextPendingJobExecution", "iot:UpdateJobExecution", "iot:AssumeRoleWithCertificate",
        "iotjobsdata:DescribeJobExecution", "iotjobsdata:GetPendingJobExecutions", "iotjobsdata:StartNextPendingJobExecution",
        "iotjobsdata:UpdateJobExecution", "greengrass:Discover", "execute-api:Invoke",
    ];

    /// <summary>A pattern is known where it stands for a known action.</summary>
    public static bool IsKnown(string pattern)
    {
        var parsed = PolicyPattern.Parse(pattern, hasVariables: false, ignoresCase: true);
        return Known.Any(action => parsed.Matches(action, NoContext.Instance, new HashSet<string>()));
    }

    private sealed class NoContext : IPolicyContext
    {
        public static readonly NoContext Instance = new();

        public IReadOnlyList<string> Find(string key) => [];
    }
}

/// <summary>The resources of AWS IoT's policies.</summary>
/// <param name="prefix"><c>arn:aws:iot:&lt;region&gt;:&lt;account&gt;</c>.</param>
internal sealed class PolicyResources(string prefix)
{
    public string Client(string clientId) => $"{prefix}:client/{clientId}";

    public string Topic(string topic) => $"{prefix}:topic/{topic}";

    public string TopicFilter(string filter) => $"{prefix}:topicfilter/{filter}";

    /// <summary>The resource of an action on a topic, a topic filter or a client id; null if the action is about none of them.</summary>
    public string? Of(string action, string topicOrClientId) => action.ToUpperInvariant() switch
    {
        "IOT:CONNECT" => Client(topicOrClientId),
        "IOT:SUBSCRIBE" => TopicFilter(topicOrClientId),
        "IOT:PUBLISH" or "IOT:RECEIVE" or "IOT:RETAINPUBLISH" or "IOT:GETRETAINEDMESSAGE" => Topic(topicOrClientId),
        _ => null,
    };
}

/// <summary>The variables and condition keys of AWS IoT's policies (AWS IoT Developer Guide, AWS IoT Core policy variables).</summary>
internal static class PolicyVariableNames
{
    public const string ThingAttribute = "iot:Connection.Thing.Attributes[";

    private static readonly FrozenSet<string> Plain = new[]
    {
        "iot:ClientId", "aws:SourceIp", "iot:SourceIp", "iot:DomainName", "iot:VpcEndpointId", "iot:ConnectAttributes", "iot:CertificateId",
        "iot:Connection.Thing.ThingName", "iot:Connection.Thing.ThingTypeName", "iot:Connection.Thing.IsAttached", "iot:Certificate.SerialNumber", "iot:Certificate.AvailableKeys",
        "aws:CurrentTime", "aws:EpochTime", "aws:SecureTransport",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static bool IsKnown(string key) =>
        Plain.Contains(key) || key.StartsWith(ThingAttribute, StringComparison.OrdinalIgnoreCase) || CertificateField.Find(key) is not null;
}

/// <summary>
/// What of a certificate a variable such as <c>iot:Certificate.Subject.CommonName</c> stands for (AWS IoT Developer Guide,
/// X.509 certificate AWS IoT Core policy variables).
/// </summary>
/// <param name="IsSubject">Of the subject; of the issuer otherwise.</param>
/// <param name="Name">The attribute, or the kind of alternative name.</param>
/// <param name="Oid">The attribute's OID; null of an alternative name.</param>
/// <param name="Index">Which of several values: 0 is the first, and what a variable without an index stands for.</param>
/// <param name="IsList">Whether all values are meant.</param>
internal sealed record CertificateField(bool IsSubject, string Name, string? Oid, int Index, bool IsList)
{
    private const string Alternative = "AlternativeName";

    private static readonly string[] Owners = ["Issuer", "Subject"];

    private static readonly FrozenDictionary<string, string> NameAttributes = new Dictionary<string, string>
    {
        ["DistinguishedNameQualifier"] = "2.5.4.46",
        ["Country"] = "2.5.4.6",
        ["Organization"] = "2.5.4.10",
        ["OrganizationalUnit"] = "2.5.4.11",
        ["State"] = "2.5.4.8",
        ["CommonName"] = "2.5.4.3",
        ["SerialNumber"] = "2.5.4.5",
        ["Title"] = "2.5.4.12",
        ["Surname"] = "2.5.4.4",
        ["GivenName"] = "2.5.4.42",
        ["Initials"] = "2.5.4.43",
        ["Pseudonym"] = "2.5.4.65",
        ["GenerationQualifier"] = "2.5.4.44",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> AlternativeNames = new[] { "RFC822Name", "DNSName", "DirectoryName", "UniformResourceIdentifier", "IPAddress" }
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public bool IsAlternative => Oid is null;

    /// <summary>All variables, without index and <c>.List</c>.</summary>
    public static IEnumerable<string> Variables =>
        from owner in Owners
        from name in NameAttributes.Keys.Concat(AlternativeNames.Select(kind => $"{Alternative}.{kind}"))
        select $"iot:Certificate.{owner}.{name}";

    /// <returns>Null if no such variable is documented.</returns>
    public static CertificateField? Find(string key)
    {
        var parts = key.Split('.');
        if (parts.Length < 3 || !Is(parts[0], "iot:Certificate") || !(Is(parts[1], "Subject") || Is(parts[1], "Issuer")))
            return null;
        var isSubject = Is(parts[1], "Subject");
        return parts[2..] switch
        {
            [var alternative, var kind, .. var which] when Is(alternative, Alternative) && AlternativeNames.Contains(kind) => Of(isSubject, kind, oid: null, which),
            [var attribute, .. var which] when NameAttributes.TryGetValue(attribute, out var oid) => Of(isSubject, attribute, oid, which),
            _ => null,
        };
    }

    private static CertificateField? Of(bool isSubject, string name, string? oid, string[] which) => which switch
    {
        [] => new(isSubject, name, oid, 0, IsList: false),
        [var list] when Is(list, "List") => new(isSubject, name, oid, 0, IsList: true),
        [var number] when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index) => new(isSubject, name, oid, index, IsList: false),
        _ => null,
    };

    private static bool Is(string part, string name) => part.Equals(name, StringComparison.OrdinalIgnoreCase);
}
