using System.Net;
using System.Net.Sockets;
using System.Text;
using CdfProvisioning.Server.Devices;
using Xunit;

namespace CdfProvisioning.Tests.Devices;

public sealed class BadInputTests
{
    private const int Tries = 300;
    private const int HalfOpen = 10_000;

    private static readonly byte[] Connect = [0x10, 0x15, 0, 4, .. "MQTT"u8, 4, 2, 0, 60, 0, 9, .. "sensor-99"u8];

    [Fact]
    public async Task Packets_that_are_none_end_their_own_connection_and_no_other()
    {
        await using var host = await DeviceHost.StartAsync();
        await using var other = await host.ConnectAsync(await host.AddDeviceAsync("other"));
        await other.SubscribeAsync("still/here");
        var device = await host.AddDeviceAsync("sensor-99");
        var random = new Random(20261126);
        for (var i = 0; i < Tries; i++)
        {
            await using var stream = await host.OpenTlsAsync(device);
            byte[] bytes = (i % 4) switch
            {
                0 => Some(random, 200),
                1 => [.. Connect, .. Some(random, 200)],
                2 => [.. Connect.Select((b, at) => random.Next(Connect.Length) == at ? (byte)random.Next(256) : b)],
                _ => [.. Connect, (byte)(random.Next(1, 16) << 4), 0xff, 0xff, 0xff, 0x7f, .. Some(random, 100)],
            };
            try
            {
                await stream.WriteAsync(bytes, TestContext.Current.CancellationToken);
                await stream.ShutdownAsync();
            }
            catch (IOException)
            {
                // The server was faster.
            }
        }

        await other.PublishAsync("still/here", "yes");
        Assert.Equal("yes", await other.ReceiveTextAsync());
    }

    [Fact]
    public async Task Ten_thousand_connections_that_say_nothing_or_speak_another_protocol_are_bounded_and_keep_no_device_from_connecting()
    {
        await using var host = await DeviceHost.StartAsync();
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < HalfOpen; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, host.Port, TestContext.Current.CancellationToken);
                if (i % 3 == 1)
                    await socket.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), TestContext.Current.CancellationToken);
                if (i % 3 == 2)
                    await socket.SendAsync(new byte[] { 0x16, 3, 1, 2, 0 }, TestContext.Current.CancellationToken);
                sockets.Add(socket);
            }

            await using var client = await host.ConnectAsync(await host.AddDeviceAsync("sensor-1"));
            Assert.True((await client.PublishAsync("t")).IsSuccess);
            // The oldest of them says nothing, and yet was closed.
            await host.UntilAsync(() => Task.FromResult(sockets.Take(HalfOpen - DeviceLimits.MaxHandshakes).All(s => s.Poll(0, SelectMode.SelectRead))));
        }
        finally
        {
            sockets.ForEach(s => s.Dispose());
        }
    }

    [Fact]
    public async Task Payloads_that_unfold_are_rejected()
    {
        await using var host = await DeviceHost.StartAsync();
        await using var client = await host.ConnectAsync(await host.AddDeviceAsync("sensor-1"));
        foreach (var format in new[] { "json", "cbor" })
            await client.SubscribeAsync($"$aws/provisioning-templates/none/provision/{format}/rejected");
        byte[][] bombs =
        [
            Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 20_000))),
            Encoding.ASCII.GetBytes(new string('[', 100_000)),
            [.. Enumerable.Repeat(new byte[] { 0xa1, 0x61, 0x61 }, 30_000).SelectMany(b => b)], // a map in a map in a map ...
            [0xbb, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], // a map of 2^63 - 1 members
            [0x7b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], // a text as long
        ];
        foreach (var (bomb, i) in bombs.Select((b, i) => (b, i)))
        {
            await client.PublishAsync($"$aws/provisioning-templates/none/provision/{(i < 2 ? "json" : "cbor")}", bomb);
            Assert.EndsWith("/rejected", (await client.ReceiveAsync()).Topic, StringComparison.Ordinal);
        }
    }

    private static byte[] Some(Random random, int most)
    {
        var bytes = new byte[random.Next(1, most)];
        random.NextBytes(bytes);
        return bytes;
    }
}
