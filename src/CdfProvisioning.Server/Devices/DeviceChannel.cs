using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Iot.Policies;
using Microsoft.AspNetCore.Connections;
using MQTTnet;
using MQTTnet.Adapter;
using MQTTnet.AspNetCore;
using MQTTnet.Formatter;
using MQTTnet.Formatter.V5;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace CdfProvisioning.Server.Devices;

/// <summary>
/// The packets of one connection, within AWS IoT's limits. What breaks them ends the connection, with the reason that MQTT 5
/// has for it; so does a publish that no policy allows.
/// </summary>
internal sealed class DeviceChannel : IMqttChannelAdapter
{
    private readonly IDeviceMessages _messages;
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Dictionary<ushort, string> _aliases = [];
    private readonly ConcurrentDictionary<ushort, int[]> _filterOrders = [];
    private readonly ConcurrentQueue<ushort> _withheld = [];
    private volatile bool _isClosed;
    private MqttConnectPacket? _connect;
    private ushort _keepAlive;

    public DeviceChannel(ConnectionContext connection, DevicePeer peer, IDeviceMessages messages)
    {
        Connection = connection;
        _messages = messages;
        _input = connection.Transport.Input;
        _output = connection.Transport.Output;
        Peer = peer;
    }

    public ConnectionContext Connection { get; }

    public DevicePeer Peer { get; }

    /// <summary>The device, once its CONNECT is accepted.</summary>
    public DeviceConnection? Device { get; set; }

    /// <summary>What the device asked for when it connected (policy condition iot:ConnectAttributes).</summary>
    public IReadOnlyList<string> ConnectAttributes { get; private set; } = [];

    /// <summary>The last will that the device asked for.</summary>
    public MqttApplicationMessage? Will { get; private set; }

    /// <summary>How long the device's session stays when it is gone.</summary>
    public TimeSpan SessionExpiry => TimeSpan.FromSeconds(_connect is null ? 0 : SessionExpiryOf(_connect));

    /// <summary>The device has said that it goes.</summary>
    public bool HasLeft { get; private set; }

    /// <summary>Why the server ended the connection, in the words of AWS's lifecycle events; null if the device did.</summary>
    public string? DisconnectReason { get; private set; }

    public long BytesReceived { get; private set; }

    public long BytesSent { get; private set; }

    public X509Certificate2? ClientCertificate => null;

    public EndPoint? RemoteEndPoint => Connection.RemoteEndPoint;

    public EndPoint? LocalEndPoint => Connection.LocalEndPoint;

    public bool IsSecureConnection => true;

    public MqttPacketFormatterAdapter PacketFormatterAdapter { get; } = new(new MqttBufferWriter(4096, 65535));

    private bool IsMqtt5 => PacketFormatterAdapter.ProtocolVersion == MqttProtocolVersion.V500;

    public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task DisconnectAsync(CancellationToken cancellationToken)
    {
        _isClosed = true;
        _input.CancelPendingRead();
        return Task.CompletedTask;
    }

    public void ResetStatistics() => (BytesReceived, BytesSent) = (0, 0);

    public void Dispose() => _writing.Dispose();

    /// <summary>Ends the connection: what the device is told, if it understands it, and what lifecycle events say.</summary>
    public async Task CloseAsync(MqttDisconnectReasonCode code, string reason, string message)
    {
        if (_isClosed)
            return;
        DisconnectReason = reason;
        if (IsMqtt5)
        {
            using var patience = new CancellationTokenSource(DeviceLimits.Patience);
            try
            {
                await SendPacketAsync(new MqttDisconnectPacket { ReasonCode = code, ReasonString = message }, patience.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionResetException or InvalidOperationException)
            {
                // Whoever does not listen any more need not be told.
            }
        }

        _isClosed = true;
        _input.CancelPendingRead();
    }

    /// <summary>Ends the connection of a device that breaks a limit or the protocol.</summary>
    private Task EndAsync(MqttDisconnectReasonCode code, string message)
    {
        if (Device is { } device)
            _messages.Ended(device, message);
        return CloseAsync(code, "CLIENT_ERROR", message);
    }

    /// <returns>Null at the end.</returns>
    public async Task<MqttPacket?> ReceivePacketAsync(CancellationToken cancellationToken)
    {
        while (await ReadPacketAsync(cancellationToken) is { } packet)
        {
            switch (packet)
            {
                case MqttConnectPacket connect:
                    Accept(connect);
                    return packet;
                case MqttPublishPacket publish when !await AcceptAsync(publish, cancellationToken):
                    break;
                case MqttSubscribePacket subscribe when !await AcceptAsync(subscribe, cancellationToken):
                    break;
                case MqttDisconnectPacket { ReasonCode: MqttDisconnectReasonCode.DisconnectWithWillMessage }:
                    return null; // What the broker takes for a lost connection, whose will it publishes.
                case MqttPubAckPacket:
                    Device?.Session.Acknowledged();
                    return packet;
                default:
                    return packet;
            }
        }

        return null;
    }

    public async Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        switch (packet)
        {
            case MqttConnAckPacket accepted:
                Adjust(accepted);
                break;
            case MqttSubAckPacket answer:
                PutInOrder(answer);
                break;
            case MqttPublishPacket publish:
                Device?.Session.Sent(publish.QualityOfServiceLevel);
                if (Device?.IsAllowed(PolicyActions.Receive, publish.Topic) == false)
                {
                    Withhold(publish);
                    return;
                }

                break;
        }

        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (_isClosed)
                return;
            var buffer = PacketFormatterAdapter.Encode(packet);
            _output.Write(buffer.Packet);
            foreach (var part in buffer.Payload)
                _output.Write(part.Span);
            BytesSent += buffer.Length;
            PacketFormatterAdapter.Cleanup();
            await _output.FlushAsync(cancellationToken);
            _isClosed |= packet is MqttDisconnectPacket;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>
    /// A message that waited is not for this device: its policies have changed, or another had its client id. For the broker it is as good as
    /// acknowledged.
    /// </summary>
    private void Withhold(MqttPublishPacket publish)
    {
        if (publish.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce)
            return;
        _withheld.Enqueue(publish.PacketIdentifier);
        _input.CancelPendingRead();
    }

    private async ValueTask<MqttPacket?> ReadPacketAsync(CancellationToken cancellationToken)
    {
        while (!_isClosed)
        {
            if (_withheld.TryDequeue(out var withheld))
                return new MqttPubAckPacket { PacketIdentifier = withheld };
            var read = await _input.ReadAsync(cancellationToken);
            var (consumed, examined) = (read.Buffer.Start, read.Buffer.End);
            try
            {
                if (_isClosed || (read.IsCompleted && read.Buffer.IsEmpty))
                    return null;
                if (IsTooLong(read.Buffer))
                {
                    await EndAsync(MqttDisconnectReasonCode.PacketTooLarge, $"A packet has more than {DeviceLimits.MaxPacket:N0} bytes.");
                    return null;
                }

                if (PacketFormatterAdapter.TryDecode(read.Buffer, out var packet, out consumed, out examined, out var received))
                {
                    BytesReceived += received;
                    return packet is MqttDisconnectPacket end && !await AcceptAsync(end, read.Buffer.Slice(read.Buffer.Start, consumed)) ? null : packet;
                }

                if (read.IsCompleted)
                    return null;
            }
            finally
            {
                _input.AdvanceTo(consumed, examined);
            }
        }

        return null;
    }

    /// <summary>MQTT 5, 2.1.4 Remaining Length: known before the packet is there, and so refused before it takes memory.</summary>
    private static bool IsTooLong(ReadOnlySequence<byte> buffer)
    {
        Span<byte> header = stackalloc byte[5];
        header = header[..(int)Math.Min(header.Length, buffer.Length)];
        buffer.Slice(0, header.Length).CopyTo(header);
        long length = 0;
        for (var i = 1; i < header.Length; i++)
        {
            length += (long)(header[i] & 0x7f) << (7 * (i - 1));
            if ((header[i] & 0x80) == 0)
                return length > DeviceLimits.MaxPacket;
        }

        return header.Length == 5;
    }

    private void Accept(MqttConnectPacket connect)
    {
        var persists = !connect.CleanSession || connect.SessionExpiryInterval > 0;
        connect.SessionExpiryInterval = Math.Min(connect.SessionExpiryInterval, DeviceLimits.MaxSessionExpiry);
        _connect = connect;
        Will = connect.WillFlag ? WillOf(connect) : null;
        ConnectAttributes = [.. Asked()];
        connect.KeepAlivePeriod = connect.KeepAlivePeriod == 0 ? DeviceLimits.MaxKeepAlive
            : Math.Clamp(connect.KeepAlivePeriod, DeviceLimits.MinKeepAlive, DeviceLimits.MaxKeepAlive);
        _keepAlive = connect.KeepAlivePeriod;

        IEnumerable<string> Asked()
        {
            if (persists)
                yield return "PersistentConnect";
            if (connect.WillFlag)
                yield return "LastWill";
        }
    }

    private uint SessionExpiryOf(MqttConnectPacket connect) => IsMqtt5 ? connect.SessionExpiryInterval : connect.CleanSession ? 0 : DeviceLimits.MaxSessionExpiry;

    private static MqttApplicationMessage WillOf(MqttConnectPacket connect) => new()
    {
        Topic = connect.WillTopic ?? "",
        PayloadSegment = connect.WillMessage ?? [],
        QualityOfServiceLevel = connect.WillQoS,
        Retain = connect.WillRetain,
        ContentType = connect.WillContentType,
        CorrelationData = connect.WillCorrelationData,
        MessageExpiryInterval = connect.WillMessageExpiryInterval,
        PayloadFormatIndicator = connect.WillPayloadFormatIndicator,
        ResponseTopic = connect.WillResponseTopic,
        UserProperties = connect.WillUserProperties,
    };

    /// <summary>
    /// MQTT 5, 3.14.2.2.2: a device may change how long its session stays when it goes, but not keep one that it did not mean to keep.
    /// </summary>
    /// <returns>Whether the broker is to have it; otherwise the connection is done with.</returns>
    private async ValueTask<bool> AcceptAsync(MqttDisconnectPacket end, ReadOnlySequence<byte> packet)
    {
        if (_connect is not { } connect || !IsMqtt5)
            return true;
        if (SessionExpiryIn(packet) is { } expiry)
        {
            if (expiry > 0 && connect.SessionExpiryInterval == 0)
            {
                await EndAsync(MqttDisconnectReasonCode.ProtocolError, "A DISCONNECT keeps a session that its CONNECT did not keep.");
                return false;
            }

            connect.SessionExpiryInterval = end.SessionExpiryInterval = Math.Min(expiry, DeviceLimits.MaxSessionExpiry);
        }

        HasLeft = true;
        return true;
    }

    /// <summary>The decoded packet does not tell a session that ends now from one of which it says nothing.</summary>
    private static uint? SessionExpiryIn(ReadOnlySequence<byte> packet)
    {
        var reader = new MqttBufferReader();
        var bytes = packet.ToArray();
        reader.SetBuffer(bytes, 0, bytes.Length);
        reader.ReadByte();
        if (reader.ReadVariableByteInteger() < 2)
            return null;
        reader.ReadByte();
        var properties = new MqttV5PropertiesReader(reader);
        while (properties.MoveNext())
        {
            switch (properties.CurrentPropertyId)
            {
                case MqttPropertyId.SessionExpiryInterval:
                    return properties.ReadSessionExpiryInterval();
                case MqttPropertyId.ReasonString:
                    properties.ReadReasonString();
                    break;
            }
        }

        return null;
    }

    /// <returns>Whether the broker is to have it; otherwise it is answered, or the connection is done with.</returns>
    private async ValueTask<bool> AcceptAsync(MqttSubscribePacket subscribe, CancellationToken cancellationToken)
    {
        var filters = subscribe.TopicFilters;
        if (filters.Count > DeviceLimits.MaxFiltersPerSubscribe)
        {
            await EndAsync(MqttDisconnectReasonCode.QuotaExceeded, $"More than {DeviceLimits.MaxFiltersPerSubscribe} topic filters in one SUBSCRIBE.");
            return false;
        }

        if (subscribe.SubscriptionIdentifier > 0)
        {
            await SendPacketAsync(
                new MqttSubAckPacket
                {
                    PacketIdentifier = subscribe.PacketIdentifier,
                    ReasonCodes = [.. filters.Select(_ => MqttSubscribeReasonCode.SubscriptionIdentifiersNotSupported)],
                    ReasonString = "AWS IoT does not support subscription identifiers.",
                },
                cancellationToken);
            return false;
        }

        if (filters.Exists(f => f.QualityOfServiceLevel != filters[0].QualityOfServiceLevel))
            _filterOrders[subscribe.PacketIdentifier] = [.. Enumerable.Range(0, filters.Count).OrderByDescending(i => filters[i].QualityOfServiceLevel)];
        return true;
    }

    /// <summary>MQTT 5, 3.9.3: a SUBACK answers the filters in their order. The broker takes them by their quality of service, the highest first.</summary>
    private void PutInOrder(MqttSubAckPacket answer)
    {
        if (_filterOrders.TryRemove(answer.PacketIdentifier, out var order))
            answer.ReasonCodes = [.. answer.ReasonCodes.Zip(order).OrderBy(a => a.Second).Select(a => a.First)];
    }

    private void Adjust(MqttConnAckPacket accepted)
    {
        accepted.MaximumQoS = MqttQualityOfServiceLevel.AtLeastOnce;
        accepted.MaximumPacketSize = DeviceLimits.MaxPacket;
        accepted.TopicAliasMaximum = DeviceLimits.MaxTopicAlias;
        accepted.ServerKeepAlive = _keepAlive;
        accepted.SessionExpiryInterval = _connect is null ? 0 : SessionExpiryOf(_connect);
        accepted.SubscriptionIdentifiersAvailable = false;
    }

    /// <returns>Whether the broker is to have it; otherwise it is done with, or the connection is.</returns>
    private async ValueTask<bool> AcceptAsync(MqttPublishPacket publish, CancellationToken cancellationToken)
    {
        if (Device is not { } device)
            return true; // Not before a CONNECT, which the broker sees to.
        if (!TryResolveAlias(publish))
        {
            await EndAsync(MqttDisconnectReasonCode.TopicAliasInvalid, "There is no such topic alias.");
            return false;
        }

        var topic = publish.Topic ?? "";
        if (publish.QualityOfServiceLevel == MqttQualityOfServiceLevel.ExactlyOnce)
            await EndAsync(MqttDisconnectReasonCode.QoSNotSupported, "AWS IoT does not support QoS 2.");
        else if (publish.Payload.Length > DeviceLimits.MaxPayload)
            await EndAsync(MqttDisconnectReasonCode.PacketTooLarge, $"A payload has more than {DeviceLimits.MaxPayload:N0} bytes.");
        else if ((topic.AsSpan().ContainsAny("+#\0") ? "It has a wildcard." : DeviceLimits.FindProblem(topic)) is { } problem)
            await EndAsync(MqttDisconnectReasonCode.TopicNameInvalid, $"'{Iot.IotNames.Shown(topic)}' cannot be published to. {problem}");
        else if (Denied(device, topic, publish.Retain) is { } action)
            await RefuseAsync(device, publish, action, topic, cancellationToken);
        else if (!_messages.IsReserved(topic))
            return true;
        else
        {
            if (publish.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtLeastOnce)
                await SendPacketAsync(new MqttPubAckPacket { PacketIdentifier = publish.PacketIdentifier }, cancellationToken);
            await _messages.HandleAsync(device, topic, publish.Payload, cancellationToken);
        }

        return false;
    }

    /// <returns>The action that is not allowed; null if the publish is.</returns>
    public static string? Denied(DeviceConnection device, string topic, bool retain) =>
        !device.IsAllowed(PolicyActions.Publish, topic) ? PolicyActions.Publish
        : retain && !device.IsAllowed(PolicyActions.RetainPublish, topic) ? PolicyActions.RetainPublish
        : null;

    /// <summary>MQTT 5 has a reason for a publish that wants an acknowledgement; otherwise the connection ends (AWS IoT Developer Guide, MQTT reason codes).</summary>
    private async Task RefuseAsync(DeviceConnection device, MqttPublishPacket publish, string action, string topic, CancellationToken cancellationToken)
    {
        var reason = device.Explain(action, topic).Reason;
        _messages.Refused(device, action, topic, reason);
        if (IsMqtt5 && publish.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtLeastOnce)
            await SendPacketAsync(
                new MqttPubAckPacket { PacketIdentifier = publish.PacketIdentifier, ReasonCode = MqttPubAckReasonCode.NotAuthorized, ReasonString = reason }, cancellationToken);
        else
            await CloseAsync(MqttDisconnectReasonCode.NotAuthorized, "AUTH_ERROR", reason);
    }

    private bool TryResolveAlias(MqttPublishPacket publish)
    {
        if (publish.TopicAlias == 0)
            return true;
        if (publish.TopicAlias > DeviceLimits.MaxTopicAlias)
            return false;
        if (string.IsNullOrEmpty(publish.Topic))
        {
            if (!_aliases.TryGetValue(publish.TopicAlias, out var topic))
                return false;
            publish.Topic = topic;
        }
        else
        {
            _aliases[publish.TopicAlias] = publish.Topic;
        }

        publish.TopicAlias = 0;
        return true;
    }
}

/// <summary>What becomes of messages that are not for other devices, and of those that are refused.</summary>
internal interface IDeviceMessages
{
    /// <summary>Whether a topic is one to which only the server listens.</summary>
    bool IsReserved(string topic);

    /// <summary>Answers a message on a reserved topic.</summary>
    Task HandleAsync(DeviceConnection device, string topic, ReadOnlySequence<byte> payload, CancellationToken cancellationToken);

    void Refused(DeviceConnection device, string action, string topic, string reason);

    void Ended(DeviceConnection device, string reason);
}
