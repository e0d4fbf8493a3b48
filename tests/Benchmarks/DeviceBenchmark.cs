using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded;
using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Iot;
using CdfProvisioning.Server;
using CdfProvisioning.Server.Devices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using MQTTnet;
using MQTTnet.Server;

namespace CdfProvisioning.Benchmarks;

/// <summary>Devices that connect and publish, beside a bare Kestrel that accepts TLS with client certificates, and beside a bare MQTTnet.</summary>
internal static class DeviceBenchmark
{
    private const int Connections = 400;
    private const int AtOnce = 4;
    private const int Messages = 20_000;
    private const int Idle = 5_000;
    private const int Runs = 3;

    private static readonly byte[] ConnectPacket = [0x10, 0x15, 0, 4, .. "MQTT"u8, 4, 2, 0, 60, 0, 9, .. "sensor-01"u8];

    public static async Task RunAsync()
    {
        Figure.Heading("Devices");
        var folder = Directory.CreateTempSubdirectory("cdf-");
        try
        {
            await using var connection = await EmbeddedBackend.OpenAsync(new(folder.FullName, Settings: new() { KeyAlgorithm = KeyAlgorithm.P256 }), default);
            var registry = (EmbeddedRegistry)connection.Registry;
            var made = await registry.InvokeAsync(new CreateKeysAndCertificateRequest(SetAsActive: true), default);
            await registry.InvokeAsync(new CreatePolicyRequest("all", """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iot:*","Resource":"arn:aws:iot:*:*:*"}}"""), default);
            await registry.InvokeAsync(new AttachPolicyRequest("all", made.CertificateArn!), default);
            using var pem = X509Certificate2.CreateFromPem(made.CertificatePem, made.KeyPair!.PrivateKey);
            using var certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), password: null);
            var server = await CdfServer.StartAsync(new ServerOptions { Port = 0, DevicePort = 0 }, connection, default);
            var root = await registry.ServerRootAsync(default);
            await using var bare = await BareAsync(ServerCertificates.Issue(root, ["localhost"]));
            var (ours, peers) = (new List<double>(), new List<double>());
            for (var run = 0; run < Runs; run++)
            {
                peers.Add(await ConnectAsync(new Uri(bare.Urls.First()).Port, certificate, [1], reply: 1));
                ours.Add(await ConnectAsync(server.Info.DeviceAddress!.Port, certificate, ConnectPacket, reply: 4));
            }

            Figure.Print("connections with mutual TLS", Figure.Median(ours), "bare Kestrel", Figure.Median(peers), "/s", "0.6");
            await MessagesAsync(server.Info.DeviceAddress!.Port, certificate);
            await IdleAsync(server.Info.DeviceAddress!.Port, certificate);
            await server.StopAsync(default);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task MessagesAsync(int port, X509Certificate2 certificate)
    {
        var peerPort = FreePort();
        using var peer = new MqttServerFactory().CreateMqttServer(
            new MqttServerOptionsBuilder().WithEncryptedEndpoint().WithEncryptedEndpointBoundIPAddress(IPAddress.Loopback).WithEncryptedEndpointPort(peerPort).WithEncryptionCertificate(certificate).Build());
        await peer.StartAsync();
        var (ours, peers) = (new List<double>(), new List<double>());
        for (var run = 0; run < Runs; run++)
        {
            peers.Add(await PublishAsync(peerPort, certificate));
            ours.Add(await PublishAsync(port, certificate));
        }

        await peer.StopAsync(new MqttServerStopOptions());
        Figure.Print("messages (QoS 0, one to one, TLS)", Figure.Median(ours), "bare MQTTnet", Figure.Median(peers), "/s", "0.7");
    }

    private static async Task<double> PublishAsync(int port, X509Certificate2 certificate)
    {
        using var sender = await ClientAsync(port, certificate, "sender");
        using var receiver = await ClientAsync(port, certificate, "receiver");
        var count = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        receiver.ApplicationMessageReceivedAsync += _ =>
        {
            if (Interlocked.Increment(ref count) == Messages)
                all.TrySetResult();
            return Task.CompletedTask;
        };
        await receiver.SubscribeAsync("readings/1");
        var start = Stopwatch.GetTimestamp();
        var message = new MqttApplicationMessageBuilder().WithTopic("readings/1").WithPayload("21.5").Build();
        for (var i = 0; i < Messages; i++)
        {
            await sender.PublishAsync(message);
            // A queue of 1,000 a client drops what is older: the sender waits for the receiver.
            while (i - Volatile.Read(ref count) > 500)
                await Task.Yield();
        }

        await all.Task;
        var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await sender.DisconnectAsync();
        await receiver.DisconnectAsync();
        return Messages / elapsed;
    }

    /// <summary>Server and clients share a process, so each connection is counted with both of its ends.</summary>
    private static async Task IdleAsync(int port, X509Certificate2 certificate)
    {
        var before = Used();
        var streams = new List<SslStream>();
        await Parallel.ForAsync(0, Idle, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, token) =>
        {
            var stream = await TlsAsync(port, certificate, token);
            byte[] packet = [0x10, 0x15, 0, 4, .. "MQTT"u8, 4, 2, 0, 60, 0, 9, .. System.Text.Encoding.ASCII.GetBytes($"idle-{i:0000}")];
            await stream.WriteAsync(packet, token);
            await stream.ReadExactlyAsync(new byte[4], token);
            lock (streams)
                streams.Add(stream);
        });
        Console.WriteLine($"  {Idle:N0} idle connections, both ends: {(Used() - before) / 1024.0 / Idle:0.0} kB each");
        foreach (var stream in streams)
            await stream.DisposeAsync();

        static long Used()
        {
            GC.Collect();
            using var process = Process.GetCurrentProcess();
            return process.WorkingSet64;
        }
    }

    private static async Task<double> ConnectAsync(int port, X509Certificate2 certificate, byte[] packet, int reply)
    {
        var start = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, Connections, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, token) =>
        {
            await using var stream = await TlsAsync(port, certificate, token);
            var own = packet.ToArray();
            if (own.Length > 1)
                own[^1] = (byte)('0' + (i % 8));
            await stream.WriteAsync(own, token);
            await stream.ReadExactlyAsync(new byte[reply], token);
        });
        return Connections / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<SslStream> TlsAsync(int port, X509Certificate2 certificate, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ClientCertificates = [certificate],
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
                AllowTlsResume = false,
            },
            cancellationToken);
        return stream;
    }

    private static async Task<IMqttClient> ClientAsync(int port, X509Certificate2 certificate, string clientId)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithClientId(clientId)
            .WithTlsOptions(tls => tls.UseTls().WithTargetHost("localhost").WithClientCertificates([certificate]).WithCertificateValidationHandler(_ => true)).Build());
        return client;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Answers a byte with a byte to whoever has a certificate.</summary>
    private static async Task<WebApplication> BareAsync(SslStreamCertificateContext certificate)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = _ => new(new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = certificate,
                    ClientCertificateRequired = true,
                    AllowTlsResume = false,
                    RemoteCertificateValidationCallback = (_, _, _, _) => true,
                }),
            });
            listen.Run(async context =>
            {
                var read = await context.Transport.Input.ReadAsync();
                context.Transport.Input.AdvanceTo(read.Buffer.End);
                await context.Transport.Output.WriteAsync(new byte[] { 1 });
                await context.Transport.Input.ReadAsync();
            });
        }));
        var web = builder.Build();
        await web.StartAsync();
        return web;
    }
}
