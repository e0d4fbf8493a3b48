using System.Collections.Concurrent;
using CdfProvisioning.Devices;
using CdfProvisioning.Iot.Policies;
using MQTTnet.Formatter;

namespace CdfProvisioning.Server.Devices;

/// <summary>A connected device, and what its policies have been found to allow it.</summary>
internal sealed class DeviceConnection
{
    /// <summary>More topics than a device uses at a time; when they are reached, all are decided anew.</summary>
    private const int MaxDecided = 1024;

    private readonly PolicyResources _resources;
    private State _state;

    public DeviceConnection(DeviceChannel channel, string clientId, PolicyResources resources)
    {
        Channel = channel;
        ClientId = clientId;
        _resources = resources;
        _state = NewState(channel.Peer.Identity!, channel.Peer.Stamp);
    }

    public DeviceChannel Channel { get; }

    public string ClientId { get; }

    public DateTimeOffset ConnectedAt { get; } = DateTimeOffset.UtcNow;

    public Guid SessionId { get; } = Guid.NewGuid();

    /// <summary>Its own, or that of an earlier connection which it continues.</summary>
    public DeviceSession Session { get; private set; } = new();

    /// <summary>False once it is gone; its session may stay.</summary>
    public bool IsConnected { get; private set; } = true;

    /// <summary>When the session ends that it has left; null while it is connected, or if none stays.</summary>
    public DateTimeOffset? SessionEnds { get; private set; }

    public DeviceIdentity Identity => _state.Identity;

    public string? Stamp => _state.Stamp;

    public ConnectedDevice Info => new(
        ClientId, Identity.ThingOf(ClientId)?.Name, Identity.CertificateId, Channel.Peer.Remote?.ToString(),
        Channel.PacketFormatterAdapter.ProtocolVersion == MqttProtocolVersion.V500 ? "MQTT 5" : "MQTT 3.1.1", ConnectedAt);

    public void Continue(DeviceSession session)
    {
        Session = session;
        session.Resume();
    }

    public void Leave(DateTimeOffset now)
    {
        IsConnected = false;
        SessionEnds = Channel.SessionExpiry > TimeSpan.Zero ? now + Channel.SessionExpiry : null;
    }

    /// <summary>Forgets what was decided: the registry has something new of the device.</summary>
    public void Renew(DeviceIdentity identity, string stamp) => _state = NewState(identity, stamp);

    public bool IsAllowed(string action, string topic)
    {
        var state = _state;
        if (state.Decided.TryGetValue((action, topic), out var isAllowed))
            return isAllowed;
        if (state.Decided.Count >= MaxDecided)
            state.Decided.Clear();
        return state.Decided.GetOrAdd((action, topic), PolicyEvaluation.Decide(state.Identity.Policies, action, _resources.Of(action, topic)!, state.Variables).IsAllowed);
    }

    /// <summary>Whether it is, and why.</summary>
    public PolicyTestResult Explain(string action, string topic) => PolicyTest.Of(Identity, ClientId, action, _resources.Of(action, topic)!, Context);

    private PolicyTestContext Context => new(Channel.Peer.Remote?.Address, Channel.Peer.ServerName) { ConnectAttributes = Channel.ConnectAttributes };

    private State NewState(DeviceIdentity identity, string? stamp) => new(
        identity, stamp,
        new PolicyVariables(ClientId, identity) { SourceIp = Channel.Peer.Remote?.Address, DomainName = Channel.Peer.ServerName, ConnectAttributes = Channel.ConnectAttributes },
        new());

    private sealed record State(DeviceIdentity Identity, string? Stamp, PolicyVariables Variables, ConcurrentDictionary<(string Action, string Topic), bool> Decided);
}

/// <summary>A device that is connected.</summary>
/// <param name="ClientId">The client id with which it connected.</param>
/// <param name="ThingName">The thing that it is, if its client id or its certificate says so.</param>
/// <param name="CertificateId">The certificate that it showed.</param>
/// <param name="RemoteAddress">From where.</param>
/// <param name="Protocol">MQTT 3.1.1 or MQTT 5.</param>
/// <param name="ConnectedAt">Since when.</param>
public sealed record ConnectedDevice(string ClientId, string? ThingName, string CertificateId, string? RemoteAddress, string Protocol, DateTimeOffset ConnectedAt);
