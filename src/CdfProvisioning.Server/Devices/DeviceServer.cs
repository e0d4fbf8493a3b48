using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Iot.Policies;
using CdfProvisioning.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MQTTnet;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace CdfProvisioning.Server.Devices;

/// <summary>
/// The port to which devices connect: MQTT 3.1.1 and 5 over TLS with client certificates (AWS IoT Developer Guide, device
/// communication protocols). Messages live in memory, between the devices of this server.
/// </summary>
internal sealed class DeviceServer : IMqttServerAdapter, IDeviceMessages
{
    /// <summary>What publishes in the server's own name.</summary>
    private const string Server = "$aws";

    /// <summary>Before the client id of whom an answer of the server's is for: a character that MQTT forbids in client ids.</summary>
    private const char AnswerTo = '\0';

    /// <summary>More client ids than connect in a server's life, unless somebody means harm.</summary>
    private const int MaxVersions = 100_000;

    private static readonly SslApplicationProtocol Mqtt = new("x-amzn-mqtt-ca");
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(5);

    private readonly EmbeddedRegistry _registry;
    private readonly RequestJournal _journal;
    private readonly DeviceGate _gate;
    private readonly JustInTime _justInTime;
    private readonly ClaimProvisioning _claims;
    private readonly PolicyResources _resources;
    private readonly SslStreamCertificateContext _certificate;
    private readonly MqttServer _broker;
    private readonly WebApplication _web;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<EndPoint, DeviceConnection> _byEndPoint = new();
    private readonly ConcurrentDictionary<string, DeviceConnection> _byClientId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _versions = new(StringComparer.Ordinal);
    private readonly SeenCertificates _seen;
    private readonly HandshakeLimit _handshakes = new(FileDescriptors.Bound(DeviceLimits.MaxHandshakes));
    private RegistryWatch? _watch;

    private DeviceServer(ServerOptions options, EmbeddedRegistry registry, SslStreamCertificateContext certificate, RequestJournal journal)
    {
        _registry = registry;
        _journal = journal;
        _certificate = certificate;
        _gate = new(registry);
        _justInTime = new(registry, PublishAsync);
        _claims = new(registry, options.PreProvisioningHook);
        _seen = new(registry, _stopping.Token);
        _resources = new(Iot.Arn.Prefix(registry.Options.Region, registry.Options.AccountId));
        var broker = new MqttServerOptionsBuilder().WithPersistentSessions().WithMaxPendingMessagesPerClient(DeviceLimits.MaxQueuedMessages).WithDefaultCommunicationTimeout(DeviceLimits.Patience).Build();
        broker.DefaultEndpointOptions.IsEnabled = false;
        _broker = new MqttServer(broker, [this], MqttNetNullLogger.Instance);
        _broker.ValidatingConnectionAsync += ValidateAsync;
        _broker.ClientConnectedAsync += e => ConnectedAsync(e);
        _broker.ClientDisconnectedAsync += DisconnectedAsync;
        _broker.InterceptingSubscriptionAsync += SubscribingAsync;
        _broker.InterceptingUnsubscriptionAsync += UnsubscribingAsync;
        _broker.InterceptingClientEnqueueAsync += ReceivingAsync;
        _broker.SessionDeletedAsync += e =>
        {
            if (_byClientId.TryGetValue(e.Id, out var device) && !device.IsConnected)
                _byClientId.TryRemove(new(e.Id, device));
            return Task.CompletedTask;
        };
        _web = Build(options);
    }

    /// <summary>Where it listens, such as <c>mqtts://127.0.0.1:8883</c>.</summary>
    public Uri Address { get; private set; } = null!;

    /// <inheritdoc/>
    public Func<IMqttChannelAdapter, Task>? ClientHandler { get; set; }

    public IReadOnlyList<ConnectedDevice> Devices =>
        [.. _byClientId.Values.Where(d => d.IsConnected).Select(d => d.Info).OrderBy(d => d.ClientId, StringComparer.Ordinal)];

    /// <exception cref="CdfException">InvalidRequest, Unavailable, AccessDenied: it cannot serve there.</exception>
    public static async Task<DeviceServer> StartAsync(ServerOptions options, Connection connection, RequestJournal journal, CancellationToken cancellationToken)
    {
        if (connection.Registry is not EmbeddedRegistry registry)
            throw CdfErrorCode.InvalidRequest.Error("Devices connect to the embedded registry only: connect to one, or have them connect to AWS.");
        var root = await registry.ServerRootAsync(cancellationToken);
        var server = new DeviceServer(options, registry, ServerCertificates.Issue(root, NamesOf(options, registry)), journal);
        try
        {
            await server._broker.StartAsync();
            await server._web.StartAsync(cancellationToken);
        }
        catch (Exception e)
        {
            await server._web.DisposeAsync();
            await server._broker.StopAsync(new MqttServerStopOptions());
            await server._seen.EndAsync();
            throw HttpEndpoint.CannotListen(options with { Port = options.DevicePort!.Value }, e) ?? e;
        }

        server.Address = new UriBuilder(server._web.Urls.First()) { Scheme = "mqtts" }.Uri;
        registry.DeviceAddress = new(options.HostNames is [var first, ..] ? first : null, server.Address.Port);
        server._watch = RegistryWatch.Start(registry, server.RecheckAsync, server._stopping.Token);
        return server;
    }

    /// <summary>Ends all connections; returns when nothing uses the registry any more.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _registry.DeviceAddress = null;
        await _stopping.CancelAsync();
        await _broker.StopAsync(new MqttServerStopOptions { DefaultClientDisconnectOptions = new() { ReasonCode = MqttDisconnectReasonCode.ServerShuttingDown } });
        await _web.StopAsync(cancellationToken);
        await _web.DisposeAsync();
        if (_watch is not null)
            await _watch.EndAsync();
        await _seen.EndAsync();
        _stopping.Dispose();
    }

    Task IMqttServerAdapter.StartAsync(MqttServerOptions options, IMqttNetLogger logger) => Task.CompletedTask;

    Task IMqttServerAdapter.StopAsync() => Task.CompletedTask;

    /// <summary>The broker's to call; what there is to dispose is disposed when the server is stopped.</summary>
    public void Dispose()
    {
    }

    public bool IsReserved(string topic) => topic.StartsWith('$');

    public async Task HandleAsync(DeviceConnection device, string topic, ReadOnlySequence<byte> payload, CancellationToken cancellationToken)
    {
        if (await _claims.AnswerAsync(device, topic, payload, cancellationToken) is not { } answer)
            return;
        Note("PROVISION", topic, device.ClientId, answer.Problem);
        await PublishAsync(answer.Topic, answer.Payload, $"{AnswerTo}{device.ClientId}");
    }

    public void Refused(DeviceConnection device, string action, string topic, string reason) => Note(action, topic, device.ClientId, reason);

    public void Ended(DeviceConnection device, string reason) => Note("DISCONNECT", "", device.ClientId, reason);

    private static IEnumerable<string> NamesOf(ServerOptions options, EmbeddedRegistry registry)
    {
        IEnumerable<string> names = ["localhost", "127.0.0.1", "::1", .. Endpoints.NamesOf(new Arns(registry.Options.AccountId, registry.Options.Region)), .. options.HostNames];
        return IPAddress.IsLoopback(options.Address) ? names
            : options.Address.Equals(IPAddress.Any) || options.Address.Equals(IPAddress.IPv6Any) ? names.Append(Dns.GetHostName())
            : names.Append(options.Address.ToString());
    }

    private WebApplication Build(ServerOptions options)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(options.Address, options.DevicePort!.Value, listen =>
        {
            listen.Use(_handshakes.Before);
            listen.Protocols = HttpProtocols.Http1;
            listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = context => new(Handshake(context)), HandshakeTimeout = DeviceLimits.Patience });
            listen.Run(ServeAsync);
        }));
        BoundedTransport.Use(builder, FileDescriptors.Bound(int.MaxValue, share: 2));
        builder.Services.AddSingleton<IHostLifetime, HttpEndpoint.NoLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = DrainTimeout);
        return builder.Build();
    }

    private SslServerAuthenticationOptions Handshake(TlsHandshakeCallbackContext context)
    {
        var peer = new DevicePeer { ServerName = context.ClientHelloInfo.ServerName, Remote = context.Connection.RemoteEndPoint as IPEndPoint };
        context.Connection.Items[typeof(DevicePeer)] = peer;
        return new()
        {
            ServerCertificateContext = _certificate,
            ClientCertificateRequired = true,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = [Mqtt],
            // A certificate that was locked out must not come back with an old session.
            AllowTlsResume = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = new() { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true, TrustMode = X509ChainTrustMode.CustomRootTrust },
            RemoteCertificateValidationCallback = (_, certificate, _, _) => Admit(peer, certificate),
        };
    }

    private bool Admit(DevicePeer peer, X509Certificate? certificate)
    {
        var whyNot = _gate.Admit(peer, certificate?.GetRawCertData());
        if (whyNot is not null)
            Note("TLS", "", peer.Remote?.ToString() ?? "", whyNot);
        return whyNot is null;
    }

    private async Task ServeAsync(ConnectionContext connection)
    {
        var peer = (DevicePeer)connection.Items[typeof(DevicePeer)]!;
        try
        {
            if (peer.Newcomer is { } newcomer)
            {
                Note("REGISTER", "", newcomer.Certificate.Id, problem: null, await _justInTime.RegisterAsync(newcomer.Certificate, newcomer.Ca, _stopping.Token));
                return;
            }

            using var channel = new DeviceChannel(connection, peer, this);
            await ClientHandler!(channel);
        }
        catch (CdfException e)
        {
            Note("REGISTER", "", peer.Remote?.ToString() ?? "", e.Message);
        }
#pragma warning disable CA1031 // Whatever a client sends ends its own connection, and no other.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private async Task ValidateAsync(ValidatingConnectionEventArgs e)
    {
        var channel = (DeviceChannel)e.ChannelAdapter;
        var clientId = e.ClientId;
        if (e.ProtocolVersion == MqttProtocolVersion.V310)
        {
            e.ReasonCode = MqttConnectReasonCode.UnsupportedProtocolVersion;
            return;
        }

        if (string.IsNullOrEmpty(clientId) && e.ProtocolVersion == MqttProtocolVersion.V500)
            clientId = e.AssignedClientIdentifier = $"$GEN/{Guid.NewGuid()}";
        if (string.IsNullOrEmpty(clientId) || System.Text.Encoding.UTF8.GetByteCount(clientId) > DeviceLimits.MaxClientIdBytes)
        {
            e.ReasonCode = MqttConnectReasonCode.ClientIdentifierNotValid;
            return;
        }

        var device = new DeviceConnection(channel, clientId, _resources);
        if (WhyNot(device) is { } reason)
        {
            Note(PolicyActions.Connect, "", clientId, reason);
            e.ReasonCode = MqttConnectReasonCode.NotAuthorized;
            e.ReasonString = reason;
            return;
        }

        channel.Device = device;
        e.SessionItems[typeof(DeviceSession)] = device.Session;
        _byEndPoint[channel.RemoteEndPoint!] = device;
        _handshakes.Admit(channel.Connection);
        if (_byClientId.TryGetValue(clientId, out var earlier))
            await EndExpiredSessionsAsync([earlier]);
    }

    /// <summary>A last will is a publish that is allowed beforehand or not at all.</summary>
    private string? WhyNot(DeviceConnection device)
    {
        if (!device.IsAllowed(PolicyActions.Connect, device.ClientId))
            return device.Explain(PolicyActions.Connect, device.ClientId).Reason;
        if (device.Channel.Will is not { } will)
            return null;
        if (DeviceLimits.FindProblem(will.Topic) is not null || IsReserved(will.Topic) || will.Topic.AsSpan().ContainsAny("+#"))
            return $"The last will cannot be published to '{Iot.IotNames.Shown(will.Topic)}'.";
        return DeviceChannel.Denied(device, will.Topic, will.Retain) is { } action ? $"Its last will: {device.Explain(action, will.Topic).Reason}" : null;
    }

    private async Task ConnectedAsync(ClientConnectedEventArgs e)
    {
        if (!_byEndPoint.TryGetValue(e.RemoteEndPoint, out var device))
            return;
        if (e.SessionItems[typeof(DeviceSession)] is DeviceSession earlier && !ReferenceEquals(earlier, device.Session))
            device.Continue(earlier);
        _byClientId[device.ClientId] = device;
        // What the registry said at the handshake may have changed before this device was among those that are rechecked.
        await RecheckAsync([device]);
        _seen.Add(device.Identity.CertificateId);
        Note("CONNECT", "", device.ClientId, problem: null);
        await PublishPresenceAsync(device, "connected", isClients: null, reason: null);
    }

    private async Task DisconnectedAsync(ClientDisconnectedEventArgs e)
    {
        if (!_byEndPoint.TryRemove(e.RemoteEndPoint, out var device))
            return;
        device.Leave(_registry.Clock.GetUtcNow());
        if (_byClientId.TryGetValue(device.ClientId, out var known) && ReferenceEquals(known, device) && device.SessionEnds is null)
            _byClientId.TryRemove(new(device.ClientId, device));
        var isClients = device.Channel.HasLeft || e.DisconnectType == MqttClientDisconnectType.Clean;
        var isTakenOver = e.DisconnectType == MqttClientDisconnectType.Takeover;
        var reason = device.Channel.DisconnectReason ?? (isClients ? "CLIENT_INITIATED_DISCONNECT" : isTakenOver ? "DUPLICATE_CLIENTID" : "CONNECTION_LOST");
        await PublishPresenceAsync(device, "disconnected", isClients, reason);
        // MQTT 5, 3.1.2.5: only a client that takes its leave has its will forgotten; the broker forgets it here, too.
        if (isTakenOver && !isClients && device.Channel.Will is { } will)
            await PublishAsync(will, device.ClientId);
    }

    private Task SubscribingAsync(InterceptingSubscriptionEventArgs e)
    {
        var filter = e.TopicFilter.Topic;
        if (!_byClientId.TryGetValue(e.ClientId, out var device))
            e.CloseConnection = true;
        else if (DeviceLimits.FindProblem(filter) is { } problem || !IsFilter(filter, out problem))
            Refuse(MqttSubscribeReasonCode.TopicFilterInvalid, problem!);
        else if (!device.IsAllowed(PolicyActions.Subscribe, filter))
            Refuse(MqttSubscribeReasonCode.NotAuthorized, device.Explain(PolicyActions.Subscribe, filter).Reason);
        else if (!device.Session.TrySubscribe(filter, e.TopicFilter.QualityOfServiceLevel))
            Refuse(MqttSubscribeReasonCode.QuotaExceeded, $"More than {DeviceLimits.MaxSubscriptions} subscriptions in one connection.");
        else if (e.TopicFilter.QualityOfServiceLevel == MqttQualityOfServiceLevel.ExactlyOnce)
            e.Response.ReasonCode = MqttSubscribeReasonCode.GrantedQoS1;
        return Task.CompletedTask;

        // MQTT 3.1.1 has no reason for it, and AWS ends the connection.
        void Refuse(MqttSubscribeReasonCode code, string reason)
        {
            Note(PolicyActions.Subscribe, filter, device.ClientId, reason);
            e.Response.ReasonCode = code;
            e.ReasonString = reason;
            e.ProcessSubscription = false;
            e.CloseConnection = device.Channel.PacketFormatterAdapter.ProtocolVersion != MqttProtocolVersion.V500;
        }
    }

    private Task UnsubscribingAsync(InterceptingUnsubscriptionEventArgs e)
    {
        if (_byClientId.TryGetValue(e.ClientId, out var device))
            device.Session.Unsubscribe(e.Topic);
        return Task.CompletedTask;
    }

    /// <summary>MQTT 5, 4.7: a wildcard is a whole level, and # the last one.</summary>
    private static bool IsFilter(string filter, out string? problem)
    {
        var levels = filter.Split('/');
        problem = filter.StartsWith("$share/", StringComparison.Ordinal) ? "Shared subscriptions are not to be had here."
            : levels.Where((level, i) => (level.AsSpan().ContainsAny("+#") && level.Length > 1) || (level == "#" && i < levels.Length - 1)).Any() ? "A wildcard is not a whole level, or # is not the last."
            : null;
        return problem is null;
    }

    /// <summary>An answer of the server's own is for the device alone that asked.</summary>
    private Task ReceivingAsync(InterceptingClientApplicationMessageEnqueueEventArgs e)
    {
        e.AcceptEnqueue = (!e.SenderClientId.StartsWith(AnswerTo) || e.SenderClientId.AsSpan(1).SequenceEqual(e.ReceiverClientId))
            && _byClientId.TryGetValue(e.ReceiverClientId, out var device)
            && device.IsAllowed(PolicyActions.Receive, e.ApplicationMessage.Topic)
            && (device.IsConnected ? device.Session.TryEnqueue() : device.Session.TryKeep(e.ApplicationMessage));
        return Task.CompletedTask;
    }

    /// <summary>Ends the connections of devices that may no longer be connected.</summary>
    private async Task RecheckAsync(IReadOnlyCollection<DeviceConnection>? devices = null)
    {
        devices ??= [.. _byClientId.Values.Where(d => d.IsConnected)];
        var gone = _registry.Read(scope => devices.Select(d => (Device: d, WhyNot: DeviceGate.Recheck(scope, d))).Where(d => d.WhyNot is not null).ToList());
        foreach (var (device, whyNot) in gone)
        {
            Note("DISCONNECT", "", device.ClientId, whyNot);
            await device.Channel.CloseAsync(MqttDisconnectReasonCode.NotAuthorized, "FORBIDDEN_ACCESS", whyNot!);
        }
    }

    private async Task RecheckAsync(bool hasChanged)
    {
        await EndExpiredSessionsAsync(_byClientId.Values);
        if (hasChanged)
        {
            await RecheckAsync();
            return;
        }

        foreach (var device in _byClientId.Values.Where(d => d is { IsConnected: true, Identity.Certificate: { } certificate } && !DeviceGate.IsInDate(certificate, _registry.Clock.GetUtcNow())))
            await device.Channel.CloseAsync(MqttDisconnectReasonCode.NotAuthorized, "FORBIDDEN_ACCESS", "Its certificate has expired.");
    }

    /// <summary>The broker keeps sessions until somebody ends them.</summary>
    private async Task EndExpiredSessionsAsync(IEnumerable<DeviceConnection> devices)
    {
        var now = _registry.Clock.GetUtcNow();
        var expired = devices.Where(d => d.SessionEnds <= now).ToDictionary(d => d.ClientId);
        if (expired.Count == 0)
            return;
        foreach (var session in await _broker.GetSessionsAsync())
            if (expired.TryGetValue(session.Id, out var device) && _byClientId.TryRemove(new(session.Id, device)))
                await session.DeleteAsync();
    }

    private Task PublishPresenceAsync(DeviceConnection device, string eventType, bool? isClients, string? reason)
    {
        if (_versions.Count > MaxVersions)
            _versions.Clear();
        var version = _versions.AddOrUpdate(device.ClientId, 0, (_, last) => last + 1);
        var presence = new PresenceEvent(
            device.ClientId, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), eventType, device.SessionId.ToString(), device.Identity.CertificateId,
            eventType == "connected" ? device.Channel.Peer.Remote?.Address.ToString() : null, version, isClients, reason);
        return PublishAsync($"$aws/events/presence/{eventType}/{device.ClientId}", JsonSerializer.SerializeToUtf8Bytes(presence, DeviceJson.Default.PresenceEvent));
    }

    private Task PublishAsync(string topic, byte[] payload) => PublishAsync(topic, payload, Server);

    private Task PublishAsync(string topic, byte[] payload, string sender) =>
        PublishAsync(new MqttApplicationMessage { Topic = topic, PayloadSegment = payload, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce }, sender);

    private Task PublishAsync(MqttApplicationMessage message, string sender) =>
        _stopping.IsCancellationRequested ? Task.CompletedTask : _broker.InjectApplicationMessage(new InjectedMqttApplicationMessage(message) { SenderClientId = sender });

    private void Note(string what, string topic, string who, string? problem, string? done = null) =>
        _journal.Add(new(what, topic.Length == 0 ? who : $"{topic} ({who})", $"device {what}", problem is null ? 200 : 403, TimeSpan.Zero, "", Client: null, problem ?? done));
}
