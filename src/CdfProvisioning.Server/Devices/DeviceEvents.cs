using System.Text.Json.Serialization;

namespace CdfProvisioning.Server.Devices;

/// <summary>A lifecycle event (AWS IoT Developer Guide, connect and disconnect events).</summary>
internal sealed record PresenceEvent(
    string ClientId, long Timestamp, string EventType, string SessionIdentifier, string PrincipalIdentifier, string? IpAddress, long VersionNumber,
    bool? ClientInitiatedDisconnect = null, string? DisconnectReason = null);

/// <summary>A certificate that registered itself (AWS IoT Developer Guide, automatic registration of device certificates).</summary>
internal sealed record CertificateEvent(
    string CertificateId, string CaCertificateId, long Timestamp, string CertificateStatus, string AwsAccountId, string CertificateRegistrationTimestamp);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PresenceEvent))]
[JsonSerializable(typeof(CertificateEvent))]
internal sealed partial class DeviceJson : JsonSerializerContext;
