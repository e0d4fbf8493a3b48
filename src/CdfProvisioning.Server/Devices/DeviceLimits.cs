namespace CdfProvisioning.Server.Devices;

/// <summary>What AWS IoT Core allows a connection (AWS General Reference, AWS IoT Core message broker and protocol limits and quotas).</summary>
internal static class DeviceLimits
{
    public const int MaxClientIdBytes = 128;
    public const int MaxTopicBytes = 256;
    public const int MaxSlashes = 7;
    public const int MaxFiltersPerSubscribe = 8;
    public const int MaxSubscriptions = 50;
    public const int MaxPayload = 128 * 1024;

    /// <summary>How many messages wait for one device; this server's own bound, as AWS's are of an account.</summary>
    public const int MaxQueuedMessages = 1000;

    /// <summary>Of one MQTT packet; what CONNACK tells MQTT 5 clients.</summary>
    public const int MaxPacket = 149_504;

    public const ushort MinKeepAlive = 30;
    public const ushort MaxKeepAlive = 1200;
    public const ushort MaxTopicAlias = 8;

    /// <summary>How long a device may take for its TLS handshake, and for its CONNECT after that.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>How many devices may be on their way in at a time; Start-CdfServer's own bound, as AWS's (connects a second) is an account's.</summary>
    public const int MaxHandshakes = 1000;

    /// <summary>Persistent session expiry period: how long a session stays that its device has left, in seconds.</summary>
    public const uint MaxSessionExpiry = 3600;

    /// <returns>What is wrong with a topic or topic filter; null if nothing is.</returns>
    public static string? FindProblem(string topic)
    {
        if (topic.Length == 0)
            return "It is empty.";
        if (System.Text.Encoding.UTF8.GetByteCount(topic) > MaxTopicBytes)
            return $"It has more than {MaxTopicBytes} bytes.";
        // Basic ingest: the rule's name is no part of the topic.
        var rest = topic.StartsWith("$aws/rules/", StringComparison.OrdinalIgnoreCase) && topic.IndexOf('/', 11) is > 0 and var end ? topic[(end + 1)..] : topic;
        return rest.Count(c => c == '/') > MaxSlashes ? $"It has more than {MaxSlashes} slashes." : null;
    }
}
