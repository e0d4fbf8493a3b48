using System.Text.Json.Nodes;
using CdfProvisioning.Iot;
using CdfProvisioning.Server.Devices;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Xunit;

namespace CdfProvisioning.Tests.Devices;

/// <summary>What the server keeps of a device, while it is connected and when it has left.</summary>
public sealed class SessionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MqttProtocolVersion.V311)]
    [InlineData(MqttProtocolVersion.V500)]
    public async Task Each_filter_of_a_subscription_is_answered_in_its_place(MqttProtocolVersion version)
    {
        await using var host = await DeviceHost.StartAsync();
        await using var client = await host.ConnectAsync(await host.AddDeviceAsync("sensor-1"), configure: o => o.WithProtocolVersion(version));
        var answer = await client.Client.SubscribeAsync(
            new MqttClientSubscribeOptionsBuilder().WithTopicFilter("a", MqttQualityOfServiceLevel.AtMostOnce).WithTopicFilter("b", MqttQualityOfServiceLevel.AtLeastOnce)
                .WithTopicFilter("c", MqttQualityOfServiceLevel.AtMostOnce).WithTopicFilter("d", MqttQualityOfServiceLevel.ExactlyOnce).Build(),
            Cancellation);
        Assert.Equal(
            [MqttClientSubscribeResultCode.GrantedQoS0, MqttClientSubscribeResultCode.GrantedQoS1, MqttClientSubscribeResultCode.GrantedQoS0, MqttClientSubscribeResultCode.GrantedQoS1],
            answer.Items.Select(i => i.ResultCode));
    }

    [Fact]
    public async Task A_connection_has_at_most_fifty_subscriptions_and_none_with_an_identifier()
    {
        await using var host = await DeviceHost.StartAsync();
        await using var client = await host.ConnectAsync(await host.AddDeviceAsync("sensor-1"));
        for (var i = 0; i < 50; i++)
            Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, await client.SubscribeAsync($"t/{i}"));
        Assert.Equal(MqttClientSubscribeResultCode.QuotaExceeded, await client.SubscribeAsync("t/50"));
        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, await client.SubscribeAsync("t/49"));
        await client.Client.UnsubscribeAsync("t/0", Cancellation);
        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, await client.SubscribeAsync("t/50"));
        var identified = await client.Client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder().WithSubscriptionIdentifier(7).WithTopicFilter("t/1").Build(), Cancellation);
        Assert.Equal(MqttClientSubscribeResultCode.SubscriptionIdentifiersNotSupported, identified.Items.Single().ResultCode);
    }

    [Fact]
    public async Task MQTT_3_1_is_refused_as_it_is_by_AWS()
    {
        await using var host = await DeviceHost.StartAsync();
        await using var client = new TestClient(await host.AddDeviceAsync("sensor-1"));
        var refused = await client.ConnectAsync(host, "sensor-1", o => o.WithProtocolVersion(MqttProtocolVersion.V310));
        Assert.Equal(MqttClientConnectResultCode.UnsupportedProtocolVersion, refused.ResultCode);
    }

    [Theory]
    [InlineData("taken over", "DUPLICATE_CLIENTID", false)]
    [InlineData("with its will", "CLIENT_INITIATED_DISCONNECT", true)]
    public async Task A_will_is_published_unless_the_device_takes_its_leave_without(string how, string reason, bool isClients)
    {
        await using var host = await DeviceHost.StartAsync();
        await using var watcher = await host.ConnectAsync(await host.AddDeviceAsync("watcher"));
        var device = await host.AddDeviceAsync("sensor-1");
        await using var client = await host.ConnectAsync(device, configure: o => o.WithWillTopic("wills/sensor-1").WithWillPayload("gone").WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce));
        await watcher.SubscribeAsync("wills/#");
        await watcher.SubscribeAsync("$aws/events/presence/disconnected/#");
        if (how == "taken over")
            await using (await host.ConnectAsync(device))
                await ToldAsync();
        else
        {
            await client.Client.DisconnectAsync(new MqttClientDisconnectOptions { Reason = MqttClientDisconnectOptionsReason.DisconnectWithWillMessage }, Cancellation);
            await ToldAsync();
        }

        async Task ToldAsync()
        {
            var told = new Dictionary<string, string>();
            for (var i = 0; i < 2; i++)
            {
                var (topic, payload) = await watcher.ReceiveAsync();
                told[topic] = System.Text.Encoding.UTF8.GetString(payload);
            }

            Assert.Equal("gone", told["wills/sensor-1"]);
            var ended = JsonNode.Parse(told["$aws/events/presence/disconnected/sensor-1"])!;
            Assert.Equal((reason, isClients), ((string)ended["disconnectReason"]!, (bool)ended["clientInitiatedDisconnect"]!));
        }
    }

    /// <summary>CONNECT keeps the session for 60 seconds, or not; DISCONNECT says otherwise.</summary>
    [Theory]
    [InlineData(60, 0, false)]
    [InlineData(60, 30, true)]
    [InlineData(60, null, true)]
    [InlineData(0, 30, false)]
    public async Task A_device_that_goes_says_how_long_its_session_stays(int connects, int? goes, bool isPresent)
    {
        await using var host = await DeviceHost.StartAsync();
        var device = await host.AddDeviceAsync("sensor-1");
        await using (var stream = await host.OpenTlsAsync(device))
        {
            await stream.WriteAsync(new byte[] { 0x10, 0x1a, 0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 5, 2, 0, 60, 5, 0x11, 0, 0, 0, (byte)connects, 0, 8 }.Concat("sensor-1"u8.ToArray()).ToArray(), Cancellation);
            Assert.Equal(0x20, stream.ReadByte());
            byte[] end = goes is { } seconds ? [0xe0, 12, 0, 10, 0x1f, 0, 2, (byte)'o', (byte)'k', 0x11, 0, 0, 0, (byte)seconds] : [0xe0, 0];
            await stream.WriteAsync(end, Cancellation);
            await host.UntilAsync(() => Task.FromResult(host.Server.Info.Devices.Count == 0));
            await stream.CopyToAsync(Stream.Null, Cancellation); // to its end: the server has done with it
        }

        await using var again = new TestClient(device);
        Assert.Equal(isPresent, (await again.ConnectAsync(host, "sensor-1", o => o.WithCleanSession(false))).IsSessionPresent);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_waited_for_a_device_is_not_for_one_that_may_not_receive_it(bool isAnother)
    {
        const string Some = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"},{"Effect":"Deny","Action":"iot:Receive","Resource":"arn:aws:iot:*:*:topic/t/secret"}]}""";
        await using var host = await DeviceHost.StartAsync();
        await using var sender = await host.ConnectAsync(await host.AddDeviceAsync("sender"));
        var device = await host.AddDeviceAsync("sensor-1");
        await using (var client = await host.ConnectAsync(device, configure: Keep))
            await client.SubscribeAsync("t/#");
        await host.UntilAsync(() => Task.FromResult(host.Server.Info.Devices.Count == 1));
        await sender.PublishAsync("t/secret", "no");
        await sender.PublishAsync("t/free", "yes");
        if (isAnother)
            device = await host.AddDeviceAsync("other", Some);
        else
            await host.InvokeAsync(new CreatePolicyVersionRequest("policy-sensor-1", Some, SetAsDefault: true));

        for (var i = 0; i < 2; i++) // the second time nothing is left
        {
            await using var again = await host.ConnectAsync(device, "sensor-1", Keep);
            await sender.PublishAsync("t/free", "again");
            if (i == 0)
                Assert.Equal("yes", await again.ReceiveTextAsync());
            Assert.Equal("again", await again.ReceiveTextAsync());
            if (i == 0 && !isAnother)
                await host.InvokeAsync(new SetDefaultPolicyVersionRequest("policy-sensor-1", "1"));
        }

        static void Keep(MqttClientOptionsBuilder options) => options.WithCleanSession(false).WithSessionExpiryInterval(600);
    }

    [Fact]
    public void A_device_that_is_away_or_acknowledges_nothing_is_kept_a_thousand_messages_and_no_more()
    {
        var session = new DeviceSession();
        var message = new MqttApplicationMessage { Topic = "t/1", QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce };
        Assert.True(session.TrySubscribe("t/+", MqttQualityOfServiceLevel.AtLeastOnce));
        Assert.True(session.TrySubscribe("other/#", MqttQualityOfServiceLevel.AtMostOnce));
        Assert.False(session.TryKeep(new() { Topic = "t/1", QualityOfServiceLevel = MqttQualityOfServiceLevel.AtMostOnce }));
        Assert.False(session.TryKeep(new() { Topic = "other/1", QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce }));
        for (var i = 0; i < 1000; i++)
            Assert.True(session.TryKeep(message));
        Assert.False(session.TryKeep(message));

        session.Resume();
        Assert.False(session.TryEnqueue());
        for (var i = 0; i < 1000; i++)
            session.Sent(MqttQualityOfServiceLevel.AtLeastOnce);
        Assert.False(session.TryEnqueue());
        session.Acknowledged();
        Assert.True(session.TryEnqueue());
        session.Sent(MqttQualityOfServiceLevel.AtMostOnce);
        Assert.True(session.TryEnqueue());
    }
}
