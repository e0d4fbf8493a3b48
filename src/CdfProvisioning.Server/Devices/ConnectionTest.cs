using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CdfProvisioning.Certificates;
using CdfProvisioning.Devices;
using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Policies;
using MQTTnet.Adapter;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace CdfProvisioning.Server.Devices;

/// <summary>How far a device comes when it connects.</summary>
public sealed record ConnectionTestResult
{
    /// <summary>The thing, if it was said which one.</summary>
    public string? ThingName { get; init; }

    /// <summary>The client id with which it connected.</summary>
    public required string ClientId { get; init; }

    /// <summary>The certificate that it showed.</summary>
    public string? CertificateId { get; init; }

    /// <summary>To what it connected, such as <c>localhost:8883</c>.</summary>
    public required string EndPoint { get; init; }

    /// <summary>Whether every step succeeded.</summary>
    public bool Succeeded => FailedStep is null;

    /// <summary>The step at which it stopped.</summary>
    public string? FailedStep => Steps.FirstOrDefault(s => !s.Succeeded)?.Name;

    /// <summary>Why it stopped there, as far as the registry knows.</summary>
    public string? Reason { get; init; }

    /// <summary>What to do about it.</summary>
    public string? Remedy { get; init; }

    /// <summary>The steps, in their order.</summary>
    public required IReadOnlyList<ConnectionTestStep> Steps { get; init; }

    /// <summary>The statements of policies that were looked at, where a policy does not allow it.</summary>
    public IReadOnlyList<string> StatementsLookedAt { get; init; } = [];
}

/// <summary>A step of a connection.</summary>
/// <param name="Name">Resolve, Tcp, Tls, Connect, Subscribe or Publish.</param>
/// <param name="Succeeded">Whether it succeeded.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Detail">What came of it.</param>
public sealed record ConnectionTestStep(string Name, bool Succeeded, TimeSpan Elapsed, string Detail);

/// <summary>With what a device connects, and what it tries.</summary>
internal sealed record ConnectionTestOptions(string Host, int Port, string ClientId, string CertificatePem, string PrivateKeyPem)
{
    public string? ThingName { get; init; }

    /// <summary>The root that the server's certificate has to come from; those of the system if null.</summary>
    public X509Certificate2? Root { get; init; }

    public string? PublishTo { get; init; }

    public string? SubscribeTo { get; init; }

    /// <summary>For each step.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Connects as a device does, step by step.</summary>
internal sealed class ConnectionTest
{
    private readonly ConnectionTestOptions _options;
    private readonly List<ConnectionTestStep> _steps = [];
    private readonly MqttPacketFormatterAdapter _formatter = new(MqttProtocolVersion.V500, new MqttBufferWriter(4096, 65535));

    private ConnectionTest(ConnectionTestOptions options) => _options = options;

    /// <param name="options">With what to connect.</param>
    /// <param name="registry">Where to look for the reason.</param>
    /// <param name="resources">The resources of policies.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CdfException">InvalidRequest: the certificate or its key is none.</exception>
    public static async Task<ConnectionTestResult> RunAsync(ConnectionTestOptions options, IDeviceRegistry registry, PolicyResources resources, CancellationToken cancellationToken)
    {
        using var certificate = Load(options);
        var test = new ConnectionTest(options);
        await test.RunAsync(certificate, cancellationToken);
        var id = Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));
        var result = new ConnectionTestResult
        {
            ThingName = options.ThingName,
            ClientId = options.ClientId,
            CertificateId = id,
            EndPoint = $"{options.Host}:{options.Port}",
            Steps = test._steps,
        };
        return result.Succeeded ? result : await ExplainAsync(result, options, registry, resources, cancellationToken);
    }

    private static X509Certificate2 Load(ConnectionTestOptions options)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(options.CertificatePem, options.PrivateKeyPem);
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw CdfErrorCode.InvalidRequest.Error($"The device's certificate and private key cannot be used: {e.Message}", e);
        }
    }

    private async Task RunAsync(X509Certificate2 certificate, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = [];
        if (!await StepAsync("Resolve", async token =>
        {
            // RFC 6761: such names are this machine's, whether or not its resolver knows it.
            addresses = IPAddress.TryParse(_options.Host, out var literal) ? [literal]
                : _options.Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) ? [IPAddress.Loopback]
                : await Dns.GetHostAddressesAsync(_options.Host, token);
            return string.Join(", ", addresses.Select(a => a.ToString()));
        }, cancellationToken))
            return;

        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (!await StepAsync("Tcp", async token =>
        {
            await socket.ConnectAsync(addresses, _options.Port, token);
            return $"{socket.RemoteEndPoint}";
        }, cancellationToken))
            return;

        await using var tls = new SslStream(new NetworkStream(socket));
        var chainProblem = "";
        if (!await StepAsync("Tls", async token =>
        {
            try
            {
                await tls.AuthenticateAsClientAsync(ClientOptions(certificate, problem => chainProblem = problem), token);
            }
            catch (AuthenticationException e) when (chainProblem.Length > 0)
            {
                throw new AuthenticationException(chainProblem, e);
            }

            using var server = new X509Certificate2(tls.RemoteCertificate!);
            return $"{tls.SslProtocol}, the server is '{server.Subject}' from '{server.Issuer}', until {server.NotAfter.ToUniversalTime():u}";
        }, cancellationToken))
            return;

        if (!await StepAsync("Connect", async token =>
        {
            await SendAsync(tls, new MqttConnectPacket { ClientId = _options.ClientId, CleanSession = true, KeepAlivePeriod = 60 }, token);
            var accepted = await ReceiveAsync<MqttConnAckPacket>(tls, token);
            return accepted.ReasonCode == MqttConnectReasonCode.Success ? "MQTT 5" : throw Refused(accepted.ReasonCode, accepted.ReasonString);
        }, cancellationToken))
            return;

        if (_options.SubscribeTo is { } filter && !await StepAsync("Subscribe", async token =>
        {
            var subscribe = new MqttSubscribePacket { PacketIdentifier = 1 };
            subscribe.TopicFilters.Add(new MqttTopicFilter { Topic = filter, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce });
            await SendAsync(tls, subscribe, token);
            var answer = await ReceiveAsync<MqttSubAckPacket>(tls, token);
            return answer.ReasonCodes.TrueForAll(c => c <= MqttSubscribeReasonCode.GrantedQoS2) ? filter : throw Refused(answer.ReasonCodes[0], answer.ReasonString);
        }, cancellationToken))
            return;

        if (_options.PublishTo is { } topic && !await StepAsync("Publish", async token =>
        {
            await SendAsync(tls, new MqttPublishPacket { PacketIdentifier = 2, Topic = topic, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce, PayloadSegment = "{}"u8.ToArray() }, token);
            var answer = await ReceiveAsync<MqttPubAckPacket>(tls, token);
            return answer.ReasonCode is MqttPubAckReasonCode.Success or MqttPubAckReasonCode.NoMatchingSubscribers ? topic : throw Refused(answer.ReasonCode, answer.ReasonString);
        }, cancellationToken))
            return;
        await SendAsync(tls, new MqttDisconnectPacket(), cancellationToken);
    }

    private SslClientAuthenticationOptions ClientOptions(X509Certificate2 certificate, Action<string> problem) => new()
    {
        TargetHost = _options.Host,
        ClientCertificates = [certificate],
        LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = _options.Port == 443 ? [new SslApplicationProtocol("x-amzn-mqtt-ca")] : null,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, server, chain, errors) =>
        {
            if (_options.Root is { } root && server is X509Certificate2 leaf)
            {
                using var own = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { root } } };
                if (own.Build(leaf))
                    errors &= ~SslPolicyErrors.RemoteCertificateChainErrors;
            }

            if (errors != SslPolicyErrors.None)
                problem($"The certificate of the server '{server?.Subject}' from '{server?.Issuer}' is not trusted ({errors}{(chain?.ChainStatus is [var status, ..] ? $": {status.StatusInformation.Trim()}" : "")}).");
            return errors == SslPolicyErrors.None;
        },
    };

    private async Task<bool> StepAsync(string name, Func<CancellationToken, Task<string>> work, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_options.Patience);
        var start = Stopwatch.GetTimestamp();
        string detail;
        try
        {
            detail = await work(patience.Token);
            _steps.Add(new(name, Succeeded: true, Stopwatch.GetElapsedTime(start), detail));
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            detail = $"There was no answer within {_options.Patience.TotalSeconds:0} seconds.";
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or ConnectionRefusal or EndOfStreamException or MQTTnet.Exceptions.MqttProtocolViolationException)
        {
            detail = e.InnerException is { } inner ? $"{e.Message} {inner.Message}" : e.Message;
        }

        _steps.Add(new(name, Succeeded: false, Stopwatch.GetElapsedTime(start), detail));
        return false;
    }

    private async Task SendAsync(SslStream stream, MqttPacket packet, CancellationToken cancellationToken)
    {
        var buffer = _formatter.Encode(packet);
        await stream.WriteAsync(buffer.ToArray(), cancellationToken);
        _formatter.Cleanup();
    }

    private async Task<T> ReceiveAsync<T>(SslStream stream, CancellationToken cancellationToken)
        where T : MqttPacket
    {
        while (true)
        {
            var head = new byte[1];
            await ReadAsync(stream, head, cancellationToken);
            var (length, shift) = (0, 0);
            var digit = new byte[1];
            do
            {
                await ReadAsync(stream, digit, cancellationToken);
                length |= (digit[0] & 0x7f) << shift;
                shift += 7;
            }
            while ((digit[0] & 0x80) != 0 && shift < 28);
            var body = new byte[length];
            await ReadAsync(stream, body, cancellationToken);
            switch (_formatter.Decode(new ReceivedMqttPacket(head[0], body, length)))
            {
                case T packet:
                    return packet;
                case MqttDisconnectPacket end:
                    throw Refused(end.ReasonCode, end.ReasonString);
            }
        }
    }

    private static async Task ReadAsync(SslStream stream, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            await stream.ReadExactlyAsync(buffer, cancellationToken);
        }
        catch (EndOfStreamException)
        {
            throw new ConnectionRefusal("The server closed the connection.");
        }
    }

    private static ConnectionRefusal Refused<T>(T code, string? reason)
        where T : struct, Enum => new($"The server refuses it: {code} (0x{Convert.ToInt32(code, System.Globalization.CultureInfo.InvariantCulture):x2}).{(string.IsNullOrEmpty(reason) ? "" : $" {reason}")}");

    private static async Task<ConnectionTestResult> ExplainAsync(
        ConnectionTestResult result, ConnectionTestOptions options, IDeviceRegistry registry, PolicyResources resources, CancellationToken cancellationToken)
    {
        var detail = result.Steps[^1].Detail;
        switch (result.FailedStep)
        {
            case "Resolve":
                return result with { Reason = detail, Remedy = $"Check the name '{options.Host}' (-EndPoint): DescribeEndpoint of type iot:Data-ATS says it." };
            case "Tcp":
                return result with { Reason = detail, Remedy = $"Check that something listens at port {options.Port} (Start-CdfServer -DevicePort), and that no firewall is between; name the port if it is another (-EndPoint {options.Host}:8884)." };
            case "Tls" when detail.Contains("is not trusted", StringComparison.Ordinal):
                return result with { Reason = detail, Remedy = "Trust the server's root: Export-CdfRootCertificate writes that of an embedded registry (-RootCertificatePath); AWS's is Amazon Root CA 1." };
        }

        if (await DeviceIdentity.FindAsync(registry, result.CertificateId!, cancellationToken) is not { } device)
            return ParsedCertificate.FromPem(options.CertificatePem, "The device's certificate") is var shown && !DeviceGate.IsInDate(shown, DateTimeOffset.UtcNow) ? OutOfDate(shown) : result with
            {
                Reason = $"Certificate {result.CertificateId} is not registered. {detail}",
                Remedy = "Register it, or connect again if it is of a CA that registers its certificates by itself (just-in-time provisioning): the first connection only registers it.",
            };
        if (device.Status == CertificateStatus.PendingActivation)
            return result with
            {
                Reason = $"Certificate {device.CertificateId} is {device.Status}.",
                Remedy = "Activate it (Set-CdfThingCertificateStatus, UpdateCertificate); if its CA provisions devices by a template, the server's log says why it did not (Get-CdfServer -Verbose).",
            };
        if (device.Status != CertificateStatus.Active)
            return result with { Reason = $"Certificate {device.CertificateId} is {device.Status}.", Remedy = "Activate it: Set-CdfThingCertificateStatus." };
        if (device.Certificate is { } certificate && !DeviceGate.IsInDate(certificate, DateTimeOffset.UtcNow))
            return OutOfDate(certificate);
        if (device.Mode == "SNI_ONLY" && IPAddress.TryParse(options.Host, out _))
            return result with { Reason = "The certificate is registered in SNI_ONLY mode, and the server was asked by its address.", Remedy = "Connect by the server's name." };

        var (action, resource) = result.FailedStep switch
        {
            "Subscribe" => (PolicyActions.Subscribe, resources.TopicFilter(options.SubscribeTo!)),
            "Publish" => (PolicyActions.Publish, resources.Topic(options.PublishTo!)),
            _ => (PolicyActions.Connect, resources.Client(options.ClientId)),
        };
        var policy = PolicyTest.Of(device, options.ClientId, action, resource, new(DomainName: options.Host));
        if (policy.Allowed)
            return result with { Reason = detail, Remedy = RemedyOf(result.FailedStep!, options) };
        return result with
        {
            Reason = device.Things.Count == 0 ? $"{policy.Reason} The certificate is attached to no thing." : policy.Reason,
            Remedy = device.Policies.Count == 0 ? "Attach a policy to the certificate, or to a group of its thing." : $"Allow {action} on {resource} in one of its policies.",
            StatementsLookedAt = policy.StatementsLookedAt,
        };

        ConnectionTestResult OutOfDate(ParsedCertificate expired) => result with
        {
            Reason = $"Certificate {expired.Id} is valid from {expired.NotBefore:u} to {expired.NotAfter:u}.",
            Remedy = "Give the device another certificate.",
        };
    }

    /// <summary>What to do where no policy is the reason.</summary>
    private static string RemedyOf(string failedStep, ConnectionTestOptions options) => failedStep switch
    {
        "Tls" => $"Check that port {options.Port} is the one for devices (Start-CdfServer -DevicePort): what answers there may not speak TLS.",
        "Connect" when Encoding.UTF8.GetByteCount(options.ClientId) > DeviceLimits.MaxClientIdBytes => $"Give a client id of at most {DeviceLimits.MaxClientIdBytes} bytes (-ClientId).",
        "Publish" or "Subscribe" =>
            $"Check the topic: at most {DeviceLimits.MaxTopicBytes} bytes and {DeviceLimits.MaxSlashes} slashes, and wildcards in filters only, each a whole level. The server's log may say more (Get-CdfServer -Verbose; AWS IoT logging).",
        _ => "The registry knows no reason: the server's log may (Get-CdfServer -Verbose; AWS IoT logging).",
    };

    private sealed class ConnectionRefusal(string message) : Exception(message);
}
