using CdfProvisioning.Server.Devices;

namespace CdfProvisioning.Server;

/// <summary>What a server is doing, at the moment it was asked.</summary>
public sealed record ServerInfo
{
    /// <summary>Where the REST API is, such as <c>http://127.0.0.1:3004/</c>.</summary>
    public required Uri Address { get; init; }

    /// <summary>The port of the REST API.</summary>
    public int Port => Address.Port;

    /// <summary>Where AWS's own protocol is (<c>aws --endpoint-url</c>), if it is served.</summary>
    public Uri? AwsAddress { get; init; }

    /// <summary>The access key that Start-CdfServer -NewAccessKey has made; in its own output only.</summary>
    public string? AccessKey { get; init; }

    /// <summary>The secret key of <see cref="AccessKey"/>; in the same output only.</summary>
    public string? SecretKey { get; init; }

    /// <summary>Where devices connect to, such as <c>mqtts://127.0.0.1:8883/</c>, if they can.</summary>
    public Uri? DeviceAddress { get; init; }

    /// <summary>The devices that are connected.</summary>
    public IReadOnlyList<ConnectedDevice> Devices { get; init; } = [];

    /// <summary>The registry that it serves.</summary>
    public required ConnectionInfo Connection { get; init; }

    /// <summary>For how long it has been running.</summary>
    public required TimeSpan Uptime { get; init; }

    /// <summary>The requests answered so far, by route and status.</summary>
    public required IReadOnlyList<RequestCount> Requests { get; init; }
}
