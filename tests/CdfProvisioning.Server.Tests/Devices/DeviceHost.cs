using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded;
using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Iot;
using CdfProvisioning.Server;
using Microsoft.Extensions.Time.Testing;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Xunit;

namespace CdfProvisioning.Tests.Devices;

/// <summary>A server to which devices connect, over a registry of its own.</summary>
internal sealed class DeviceHost : IAsyncDisposable
{
    public const string Everything = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iot:*","Resource":"*"}}""";

    private readonly TemporaryFolder _folder = new();

    private DeviceHost()
    {
    }

    public Connection Connection { get; private set; } = null!;

    public CdfServer Server { get; private set; } = null!;

    /// <summary>The registry's time, ahead of that by which certificates are made, however long a test takes.</summary>
    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UtcNow.AddHours(1));

    public int Port => Server.Info.DeviceAddress!.Port;

    /// <summary>The root that clients trust.</summary>
    public string RootFile => _folder.File("root.pem");

    public IDeviceRegistry Registry => Connection.Registry;

    public string RegistryFolder => _folder.File("registry");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<DeviceHost> StartAsync(Func<ServerOptions, ServerOptions>? configure = null)
    {
        var host = new DeviceHost();
        host.Connection = await host.OpenAgainAsync();
        var options = new ServerOptions { Port = 0, DevicePort = 0 };
        host.Server = await CdfServer.StartAsync(configure?.Invoke(options) ?? options, host.Connection, Cancellation);
        await File.WriteAllTextAsync(host.RootFile, (await ((EmbeddedRegistry)host.Registry).ServerRootAsync(Cancellation)).Certificate.Pem, Cancellation);
        return host;
    }

    /// <summary>The registry, as another process has it open.</summary>
    public async Task<Connection> OpenAgainAsync() =>
        await EmbeddedBackend.OpenAsync(new EmbeddedBackendOptions(RegistryFolder, Settings: new() { KeyAlgorithm = KeyAlgorithm.P256, Clock = Clock }), Cancellation);

    public async Task<T> InvokeAsync<T>(IIotRequest<T> request) => await Registry.InvokeAsync(request, Cancellation);

    /// <summary>A thing with a certificate and a policy of its own.</summary>
    public async Task<TestDevice> AddDeviceAsync(string name, string policy = Everything, bool isActive = true)
    {
        var made = await InvokeAsync(new CreateKeysAndCertificateRequest(isActive));
        await InvokeAsync(new CreateThingRequest(name));
        await InvokeAsync(new AttachThingPrincipalRequest(name, made.CertificateArn!));
        await InvokeAsync(new CreatePolicyRequest($"policy-{name}", policy));
        await InvokeAsync(new AttachPolicyRequest($"policy-{name}", made.CertificateArn!));
        return Device(name, made.CertificatePem!, made.KeyPair!.PrivateKey!);
    }

    /// <summary>A certificate of a CA's, which the registry may not know.</summary>
    public TestDevice Device(CertificateSigner ca, string name, DateTimeOffset? notAfter = null)
    {
        var key = DeviceKey.CreateP256();
        var now = DateTimeOffset.UtcNow;
        var subject = new SubjectFields(name, Organization: "Example", Country: "DE").ToName();
        var certificate = ca.Issue(subject, key.SubjectPublicKeyInfo, now.AddDays(-2), notAfter ?? now.AddDays(30), IssueProfile.Device);
        return Device(name, certificate.Pem, key.PrivateKeyPem);
    }

    public TestDevice Device(string name, string certificatePem, string privateKeyPem)
    {
        var (certificate, key) = (_folder.File($"{name}-{Guid.NewGuid():N}.pem"), _folder.File($"{name}-{Guid.NewGuid():N}.key"));
        File.WriteAllText(certificate, certificatePem);
        File.WriteAllText(key, privateKeyPem);
        return new(name, certificate, key, ParsedCertificate.FromPem(certificatePem, "The certificate").Id);
    }

    /// <summary>Registers a CA, active, whose certificates register themselves.</summary>
    public async Task<(CertificateSigner Ca, string Id)> AddCaAsync(RegistrationConfig? config)
    {
        var ca = Make.Ca($"CA {Guid.NewGuid():N}");
        var code = (await InvokeAsync(new GetRegistrationCodeRequest())).RegistrationCode!;
        var verification = CertificateAuthorities.IssueVerification(ca, code).Pem;
        var registered = await InvokeAsync(new RegisterCACertificateRequest(ca.Certificate.Pem, verification, SetAsActive: true, AllowAutoRegistration: true, config));
        return (ca, registered.CertificateId!);
    }

    /// <summary>A connected client.</summary>
    public async Task<TestClient> ConnectAsync(TestDevice device, string? clientId = null, Action<MqttClientOptionsBuilder>? configure = null)
    {
        var client = new TestClient(device);
        var result = await client.ConnectAsync(this, clientId ?? device.Name, configure);
        Assert.True(result.ResultCode == MqttClientConnectResultCode.Success, $"{result.ResultCode}: {result.ReasonString}");
        return client;
    }

    /// <summary>A connection over which no packet has gone yet.</summary>
    public async Task<SslStream> OpenTlsAsync(TestDevice device)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("localhost", Port, Cancellation);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        using var pem = X509Certificate2.CreateFromPemFile(device.CertificateFile, device.KeyFile);
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ClientCertificates = [X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), password: null)],
                CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(RootFile) } },
            },
            Cancellation);
        return stream;
    }

    /// <summary>Waits for what the server does by itself.</summary>
    public async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!await holds())
            await Task.Delay(50, patience.Token);
    }

    public IEnumerable<string> Mosquitto(TestDevice device, params string[] arguments) =>
        ["-h", "localhost", "-p", $"{Port}", "--cafile", RootFile, "--cert", device.CertificateFile, "--key", device.KeyFile, .. arguments];

    public async ValueTask DisposeAsync()
    {
        await Server.StopAsync(Cancellation);
        await Connection.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>What a device has.</summary>
internal sealed record TestDevice(string Name, string CertificateFile, string KeyFile, string CertificateId);

/// <summary>A client that collects what it receives.</summary>
internal sealed class TestClient : IAsyncDisposable
{
    private readonly TestDevice _device;
    private readonly System.Threading.Channels.Channel<(string Topic, byte[] Payload)> _received = System.Threading.Channels.Channel.CreateUnbounded<(string, byte[])>();
    private readonly TaskCompletionSource<MqttClientDisconnectReason> _disconnected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TestClient(TestDevice device)
    {
        _device = device;
        Client.ApplicationMessageReceivedAsync += e =>
        {
            _received.Writer.TryWrite((e.ApplicationMessage.Topic, e.ApplicationMessage.Payload.ToArray()));
            return Task.CompletedTask;
        };
        Client.DisconnectedAsync += e =>
        {
            _disconnected.TrySetResult(e.Reason);
            return Task.CompletedTask;
        };
    }

    public IMqttClient Client { get; } = new MqttClientFactory().CreateMqttClient();

    /// <summary>Ends when the server ends the connection.</summary>
    public Task<MqttClientDisconnectReason> Disconnected => _disconnected.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async Task<MqttClientConnectResult> ConnectAsync(DeviceHost host, string clientId, Action<MqttClientOptionsBuilder>? configure = null)
    {
        using var pem = X509Certificate2.CreateFromPemFile(_device.CertificateFile, _device.KeyFile);
        var certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), password: null);
        var options = new MqttClientOptionsBuilder()
            .WithTcpServer("localhost", host.Port).WithClientId(clientId).WithProtocolVersion(MqttProtocolVersion.V500).WithTimeout(TimeSpan.FromSeconds(60))
            .WithTlsOptions(tls => tls.UseTls().WithClientCertificates([certificate]).WithTrustChain([X509CertificateLoader.LoadCertificateFromFile(host.RootFile)])
                .WithRevocationMode(X509RevocationMode.NoCheck));
        configure?.Invoke(options);
        return await Client.ConnectAsync(options.Build(), Cancellation);
    }

    public async Task<MqttClientPublishResult> PublishAsync(string topic, string payload = "{}", bool retain = false) => await PublishAsync(topic, Encoding.UTF8.GetBytes(payload), retain);

    public async Task<MqttClientPublishResult> PublishAsync(string topic, byte[] payload, bool retain = false) => await Client.PublishAsync(
        new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).WithRetainFlag(retain).Build(), Cancellation);

    public async Task<MqttClientSubscribeResultCode> SubscribeAsync(string filter) =>
        (await Client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder().WithTopicFilter(filter, MqttQualityOfServiceLevel.AtLeastOnce).Build(), Cancellation)).Items.Single().ResultCode;

    public async Task<(string Topic, byte[] Payload)> ReceiveAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        return await _received.Reader.ReadAsync(patience.Token);
    }

    public async Task<string> ReceiveTextAsync() => Encoding.UTF8.GetString((await ReceiveAsync()).Payload);

    public async ValueTask DisposeAsync()
    {
        if (Client.IsConnected)
            await Client.DisconnectAsync();
        Client.Dispose();
    }
}
