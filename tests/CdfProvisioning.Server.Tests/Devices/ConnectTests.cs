using System.Text.Json.Nodes;
using CdfProvisioning.Iot;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using Xunit;

namespace CdfProvisioning.Tests.Devices;

public sealed class ConnectTests
{
    private const string Own = """
        {"Version":"2012-10-17","Statement":[
          {"Effect":"Allow","Action":"iot:Connect","Resource":"arn:aws:iot:us-east-1:123456789012:client/${iot:Connection.Thing.ThingName}"},
          {"Effect":"Allow","Action":["iot:Publish","iot:Receive"],"Resource":"arn:aws:iot:us-east-1:123456789012:topic/sensors/${iot:ClientId}/*"},
          {"Effect":"Allow","Action":"iot:Subscribe","Resource":"arn:aws:iot:us-east-1:123456789012:topicfilter/sensors/${iot:ClientId}/*"}]}
        """;

    [Fact]
    public async Task A_device_connects_with_mosquitto_and_its_message_reaches_another()
    {
        Assert.SkipUnless(await HasAsync("mosquitto_pub"), "mosquitto-clients is not installed.");
        await using var host = await DeviceHost.StartAsync();
        var (sender, receiver) = (await host.AddDeviceAsync("sender"), await host.AddDeviceAsync("receiver"));
        await using var client = await host.ConnectAsync(receiver);
        await client.SubscribeAsync("readings/#");
        await ClientProcess.OutputOfAsync("mosquitto_pub", host.Mosquitto(sender, "-i", "sender", "-q", "1", "-t", "readings/1", "-m", "21.5"));
        Assert.Equal("21.5", await client.ReceiveTextAsync());

        await client.PublishAsync("retained", "kept", retain: true);
        Assert.Equal("kept", (await ClientProcess.OutputOfAsync("mosquitto_sub", host.Mosquitto(sender, "-V", "mqttv5", "-i", "sender", "-C", "1", "-W", "60", "-t", "retained"))).Trim());
        Assert.Equal(["receiver"], host.Server.Info.Devices.Select(d => d.ThingName).Where(n => n == "receiver"));
    }

    [Fact]
    public async Task A_device_is_refused_by_TLS_unless_its_certificate_is_registered_active_and_in_date()
    {
        await using var host = await DeviceHost.StartAsync();
        var ca = await host.Connection.CertificateAuthorities.CreateAsync(new("Factory"), TimeSpan.FromDays(1000), TestContext.Current.CancellationToken);
        var signer = CdfProvisioning.Certificates.CertificateSigner.Load(
            ca.CertificatePem!, (await host.Connection.CertificateAuthorities.FindKeyAsync(ca.CaId, TestContext.Current.CancellationToken))!, password: null);
        var expired = host.Device(signer, "expired", DateTimeOffset.UtcNow.AddDays(-1));
        await host.InvokeAsync(new RegisterCertificateRequest(await File.ReadAllTextAsync(expired.CertificateFile, TestContext.Current.CancellationToken), SetAsActive: true));
        var revoked = await host.AddDeviceAsync("revoked");
        await host.InvokeAsync(new UpdateCertificateRequest(revoked.CertificateId, "REVOKED"));
        TestDevice[] refused = [expired, revoked, await host.AddDeviceAsync("inactive", isActive: false), host.Device(signer, "unregistered"), host.Device(Make.Ca("Foreign"), "foreign")];
        foreach (var device in refused)
            await RefusedAsync(host, device, device.Name);
        await using var good = await host.ConnectAsync(await host.AddDeviceAsync("good"));
        var told = string.Join('\n', Journal(host));
        Assert.All(["is REVOKED", "is INACTIVE", "and so not now", "is not registered"], reason => Assert.Contains(reason, told, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_devices_and_strangers_show_is_one_line_of_the_log_and_steers_no_terminal()
    {
        const string Hostile = "\u001b]0;title\u0007\nREGISTER all 200\u202e\u009b";
        await using var host = await DeviceHost.StartAsync();
        var stranger = CdfProvisioning.Certificates.X509Name.Encode(("2.5.4.3", "stranger" + Hostile));
        var key = CdfProvisioning.Certificates.DeviceKey.CreateP256();
        var shown = Make.Ca("Foreign").Issue(stranger, key.SubjectPublicKeyInfo, DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(30), CdfProvisioning.Certificates.IssueProfile.Device);
        await RefusedAsync(host, host.Device("stranger", shown.Pem, key.PrivateKeyPem), "stranger");
        await using (var client = await host.ConnectAsync(await host.AddDeviceAsync("sensor-1"), "client" + Hostile))
            await client.SubscribeAsync($"1/2/3/4/5/6/7/8/topic{Hostile}");

        var lines = Journal(host).ToList();
        Assert.All(["stranger", "client", "topic"], hostile => Assert.Contains(lines, line => line.Contains(hostile, StringComparison.Ordinal)));
        Assert.All(lines, line => Assert.DoesNotContain(line, c => char.IsControl(c) || c == '\u202e'));
    }

    [Fact]
    public async Task A_certificate_that_is_registered_without_its_CA_is_known_by_the_servers_name_alone()
    {
        await using var host = await DeviceHost.StartAsync();
        var device = host.Device(Make.Ca("Unknown"), "sensor-1");
        var registered = await host.InvokeAsync(new RegisterCertificateWithoutCARequest(await File.ReadAllTextAsync(device.CertificateFile, TestContext.Current.CancellationToken), "ACTIVE"));
        await host.InvokeAsync(new CreatePolicyRequest("all", DeviceHost.Everything));
        await host.InvokeAsync(new AttachPolicyRequest("all", registered.CertificateArn!));
        await using (var nameless = new TestClient(device))
            await Assert.ThrowsAnyAsync<MqttCommunicationException>(() => nameless.ConnectAsync(host, "sensor-1", o => o.WithTcpServer("127.0.0.1", host.Port)));
        Assert.Contains(Journal(host), line => line.Contains("SNI_ONLY", StringComparison.Ordinal));
        await using var client = await host.ConnectAsync(device);
    }

    [Fact]
    public async Task A_client_id_that_is_not_the_things_name_is_refused_where_the_policy_wants_it()
    {
        await using var host = await DeviceHost.StartAsync();
        var device = await host.AddDeviceAsync("sensor-1", Own);
        await using var client = new TestClient(device);
        var refused = await client.ConnectAsync(host, "sensor-2");
        Assert.Equal(MqttClientConnectResultCode.NotAuthorized, refused.ResultCode);
        Assert.Contains("allows iot:Connect", refused.ReasonString, StringComparison.Ordinal);
        await using var old = new TestClient(device);
        Assert.Equal(MqttClientConnectResultCode.NotAuthorized, (await old.ConnectAsync(host, "sensor-2", o => o.WithProtocolVersion(MqttProtocolVersion.V311))).ResultCode);
        await using var good = await host.ConnectAsync(device);
    }

    [Fact]
    public async Task A_topic_beyond_the_policy_is_refused_with_its_reason_or_ends_the_connection()
    {
        await using var host = await DeviceHost.StartAsync();
        var device = await host.AddDeviceAsync("sensor-1", Own);
        await using (var client = await host.ConnectAsync(device))
        {
            Assert.True((await client.PublishAsync("sensors/sensor-1/data")).IsSuccess);
            var refused = await client.PublishAsync("sensors/sensor-2/data");
            Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, refused.ReasonCode);
            Assert.Equal(MqttClientSubscribeResultCode.NotAuthorized, await client.SubscribeAsync("sensors/#"));
            Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, await client.SubscribeAsync("sensors/sensor-1/commands"));
            Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, (await client.PublishAsync("sensors/sensor-1/kept", "{}", retain: true)).ReasonCode); // iot:RetainPublish
            Assert.True(client.Client.IsConnected);
        }

        await using var old = await host.ConnectAsync(device, configure: o => o.WithProtocolVersion(MqttProtocolVersion.V311));
        await Assert.ThrowsAnyAsync<MqttCommunicationException>(() => old.PublishAsync("sensors/sensor-2/data"));
        await old.Disconnected;
    }

    [Theory]
    [InlineData("status")]
    [InlineData("delete")]
    [InlineData("policy")]
    [InlineData("version")]
    [InlineData("group")]
    public async Task A_device_is_disconnected_when_another_process_takes_away_what_it_connects_with(string what)
    {
        await using var host = await DeviceHost.StartAsync();
        var device = await host.AddDeviceAsync("sensor-1");
        var arn = $"arn:aws:iot:us-east-1:123456789012:cert/{device.CertificateId}";
        await using var other = await host.OpenAgainAsync();
        if (what == "group")
        {
            await InvokeAsync(new CreateThingGroupRequest("all"));
            await InvokeAsync(new AddThingToThingGroupRequest(ThingName: "sensor-1", ThingGroupName: "all"));
            await InvokeAsync(new AttachPolicyRequest("policy-sensor-1", "arn:aws:iot:us-east-1:123456789012:thinggroup/all"));
            await InvokeAsync(new DetachPolicyRequest("policy-sensor-1", arn));
        }

        await using var client = await host.ConnectAsync(device);
        switch (what)
        {
            case "status":
                await InvokeAsync(new UpdateCertificateRequest(device.CertificateId, "INACTIVE"));
                break;
            case "delete":
                await InvokeAsync(new DetachThingPrincipalRequest("sensor-1", arn));
                await InvokeAsync(new UpdateCertificateRequest(device.CertificateId, "INACTIVE"));
                await InvokeAsync(new DeleteCertificateRequest(device.CertificateId, ForceDelete: true));
                break;
            case "policy":
                await InvokeAsync(new DetachPolicyRequest("policy-sensor-1", arn));
                break;
            case "version":
                await InvokeAsync(new CreatePolicyVersionRequest("policy-sensor-1", Own.Replace("iot:Connect\"", "iot:Nothing\"", StringComparison.Ordinal), SetAsDefault: true));
                break;
            default:
                await InvokeAsync(new RemoveThingFromThingGroupRequest(ThingName: "sensor-1", ThingGroupName: "all"));
                break;
        }

        Assert.Equal(MqttClientDisconnectReason.NotAuthorized, await client.Disconnected);
        if (what != "version")
            return;
        await InvokeAsync(new SetDefaultPolicyVersionRequest("policy-sensor-1", "1"));
        await using var again = await host.ConnectAsync(device);

        async Task InvokeAsync<T>(IIotRequest<T> request) => await other.Registry.InvokeAsync(request, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_permission_that_is_given_while_a_device_is_connected_counts()
    {
        await using var host = await DeviceHost.StartAsync();
        var device = await host.AddDeviceAsync("sensor-1", Own);
        await using var client = await host.ConnectAsync(device);
        Assert.False((await client.PublishAsync("anything")).IsSuccess);
        await host.InvokeAsync(new CreatePolicyRequest("all", DeviceHost.Everything));
        await host.InvokeAsync(new AttachPolicyRequest("all", $"arn:aws:iot:us-east-1:123456789012:cert/{device.CertificateId}"));
        for (var i = 0; i < 600 && !(await client.PublishAsync("anything")).IsSuccess; i++)
            await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.True((await client.PublishAsync("anything")).IsSuccess);
    }

    [Fact]
    public async Task Connections_and_their_ends_are_published()
    {
        await using var host = await DeviceHost.StartAsync();
        await using var watcher = await host.ConnectAsync(await host.AddDeviceAsync("watcher"));
        await watcher.SubscribeAsync("$aws/events/presence/+/sensor-1");
        var device = await host.AddDeviceAsync("sensor-1");
        await using var client = await host.ConnectAsync(device);
        var connected = JsonNode.Parse(await watcher.ReceiveTextAsync())!;
        Assert.Equal(("sensor-1", "connected", device.CertificateId), ((string)connected["clientId"]!, (string)connected["eventType"]!, (string)connected["principalIdentifier"]!));

        // The newer connection of a client id wins.
        await using var newer = await host.ConnectAsync(device);
        Assert.Equal(MqttClientDisconnectReason.SessionTakenOver, await client.Disconnected);
        var (topic, payload) = await watcher.ReceiveAsync();
        Assert.Equal("$aws/events/presence/disconnected/sensor-1", topic);
        Assert.Equal("DUPLICATE_CLIENTID", (string)JsonNode.Parse(payload)!["disconnectReason"]!);
        Assert.Equal("$aws/events/presence/connected/sensor-1", (await watcher.ReceiveAsync()).Topic);
        await newer.Client.DisconnectAsync(cancellationToken: TestContext.Current.CancellationToken);
        var ended = JsonNode.Parse(await watcher.ReceiveTextAsync())!;
        Assert.Equal(("CLIENT_INITIATED_DISCONNECT", true), ((string)ended["disconnectReason"]!, (bool)ended["clientInitiatedDisconnect"]!));
    }

    [Fact]
    public async Task Last_wills_and_persistent_sessions_work_as_MQTT_says()
    {
        await using var host = await DeviceHost.StartAsync();
        var watcher = await host.AddDeviceAsync("watcher");
        await using (var first = await host.ConnectAsync(watcher, configure: Persistent))
        {
            await first.SubscribeAsync("wills/#");
            await first.SubscribeAsync("while/away");
            var device = await host.AddDeviceAsync("sensor-1");
            await using var client = await host.ConnectAsync(device, configure: o => o.WithWillTopic("wills/sensor-1").WithWillPayload("gone"));
            await host.InvokeAsync(new UpdateCertificateRequest(device.CertificateId, "INACTIVE"));
            await client.Disconnected;
            Assert.Equal("gone", await first.ReceiveTextAsync());
        }

        await using var sender = await host.ConnectAsync(await host.AddDeviceAsync("sender"));
        Assert.True((await sender.PublishAsync("while/away", "kept for it")).IsSuccess);
        await using var again = await host.ConnectAsync(watcher, configure: Persistent);
        Assert.Equal("kept for it", await again.ReceiveTextAsync());

        static void Persistent(MqttClientOptionsBuilder options) => options.WithCleanSession(false).WithSessionExpiryInterval(3600);
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V311, 0)]
    [InlineData(MqttProtocolVersion.V500, 7200)]
    public async Task A_session_that_its_device_has_left_ends_after_an_hour(MqttProtocolVersion version, int expiry)
    {
        await using var host = await DeviceHost.StartAsync();
        var (watcher, sender) = (await host.AddDeviceAsync("watcher"), await host.ConnectAsync(await host.AddDeviceAsync("sender")));
        await LeaveAsync(isPresent: false);
        host.Clock.Advance(TimeSpan.FromMinutes(59));
        await LeaveAsync(isPresent: true);
        Assert.True((await sender.PublishAsync("while/away")).IsSuccess);
        host.Clock.Advance(TimeSpan.FromMinutes(60));
        await LeaveAsync(isPresent: false);
        await sender.DisposeAsync();

        async Task LeaveAsync(bool isPresent)
        {
            await using var client = new TestClient(watcher);
            var connected = await client.ConnectAsync(host, "watcher", o => o.WithProtocolVersion(version).WithCleanSession(false).WithSessionExpiryInterval((uint)expiry));
            Assert.Equal(isPresent, connected.IsSessionPresent);
            if (version == MqttProtocolVersion.V500)
                Assert.Equal(3600u, connected.SessionExpiryInterval);
            await client.SubscribeAsync("while/away");
            await client.Client.DisconnectAsync(cancellationToken: TestContext.Current.CancellationToken);
            await host.UntilAsync(() => Task.FromResult(host.Server.Info.Devices.All(d => d.ClientId != "watcher")));
        }
    }

    [Theory]
    [InlineData("payload")]
    [InlineData("topic")]
    [InlineData("filters")]
    [InlineData("qos2")]
    public async Task AWSs_limits_end_the_connection(string limit)
    {
        await using var host = await DeviceHost.StartAsync();
        await using var client = await host.ConnectAsync(await host.AddDeviceAsync("sensor-1"), configure: o => o.WithProtocolVersion(MqttProtocolVersion.V311));
        await Assert.ThrowsAnyAsync<Exception>(() => limit switch
        {
            "payload" => client.PublishAsync("t", new byte[(128 * 1024) + 1]),
            "topic" => client.PublishAsync("1/2/3/4/5/6/7/8/9"),
            "qos2" => client.Client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic("t").WithQualityOfServiceLevel(MQTTnet.Protocol.MqttQualityOfServiceLevel.ExactlyOnce).Build(), TestContext.Current.CancellationToken),
            _ => client.Client.SubscribeAsync(Filters(), TestContext.Current.CancellationToken),
        });
        await client.Disconnected;
        await using var good = await host.ConnectAsync(await host.AddDeviceAsync("sensor-2"));
        Assert.True((await good.PublishAsync("1/2/3/4/5/6/7/8", new byte[128 * 1024])).IsSuccess);

        static MqttClientSubscribeOptions Filters()
        {
            var options = new MqttClientSubscribeOptions();
            options.TopicFilters.AddRange(Enumerable.Range(0, 9).Select(i => new MQTTnet.Packets.MqttTopicFilter { Topic = $"{i}" }));
            return options;
        }
    }

    [Fact]
    public async Task DescribeEndpoint_says_where_devices_connect()
    {
        await using var host = await DeviceHost.StartAsync();
        Assert.Equal($"123456789012-ats.iot.us-east-1.localhost:{host.Port}", (await host.InvokeAsync(new DescribeEndpointRequest("iot:Data-ATS"))).EndpointAddress);
    }

    [Fact]
    public async Task The_TLS_is_one_that_openssl_accepts_with_AWSs_ALPN_name()
    {
        Assert.SkipUnless(await HasAsync("openssl"), "openssl is not installed.");
        await using var host = await DeviceHost.StartAsync();
        var device = await host.AddDeviceAsync("sensor-1");
        foreach (var version in new[] { "-tls1_2", "-tls1_3" })
        {
            var output = await ClientProcess.OutputOfAsync("openssl",
            [
                "s_client", "-connect", $"localhost:{host.Port}", "-servername", "123456789012-ats.iot.us-east-1.localhost", "-verify_hostname", "123456789012-ats.iot.us-east-1.localhost",
                version, "-alpn", "x-amzn-mqtt-ca", "-CAfile", host.RootFile, "-verify_return_error", "-cert", device.CertificateFile, "-key", device.KeyFile,
            ]);
            Assert.Contains("Verify return code: 0 (ok)", output, StringComparison.Ordinal);
            Assert.Contains("ALPN protocol: x-amzn-mqtt-ca", output, StringComparison.Ordinal);
        }
    }

    private static async Task RefusedAsync(DeviceHost host, TestDevice device, string clientId)
    {
        await using var client = new TestClient(device);
        await Assert.ThrowsAnyAsync<MqttCommunicationException>(() => client.ConnectAsync(host, clientId));
    }

    private static IEnumerable<string> Journal(DeviceHost host)
    {
        while (host.Server.Journal.TryRead(out var line))
            yield return line.ToString();
    }

    private static async Task<bool> HasAsync(string program) =>
        await ClientProcess.SucceedsAsync("which", program);
}
