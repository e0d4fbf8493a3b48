using System.Net.Sockets;
using System.Text;
using Xunit;

namespace CdfProvisioning.Tests.Hosting;

/// <summary>How many connections there may be, of one address and in all.</summary>
public sealed class ConnectionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(3, 100)]
    [InlineData(100, 3)]
    public async Task One_connection_too_many_is_closed_and_another_is_taken_when_one_ends(int perAddress, int inAll)
    {
        await using var server = await RunningServer.StartAsync(options => options with { MaxConnectionsPerAddress = perAddress, MaxConnections = inAll });
        var open = new List<TcpClient>();
        for (var i = 0; i < 3; i++)
        {
            open.Add(new TcpClient());
            Assert.True(await IsAnsweredAsync(server, open[i]));
        }

        using (var refused = new TcpClient())
            Assert.False(await IsAnsweredAsync(server, refused));
        Assert.True(await IsAnsweredAsync(server, open[0]));

        open[0].Dispose();
        while (true)
        {
            using var next = new TcpClient();
            if (await IsAnsweredAsync(server, next))
                break;
        }
        open.ForEach(client => client.Dispose());
    }

    /// <summary>One that is closed at once may be so before it is known to be connected.</summary>
    private static async Task<bool> IsAnsweredAsync(RunningServer server, TcpClient client)
    {
        try
        {
            if (!client.Connected)
                await client.ConnectAsync(server.Address.Host, server.Address.Port, Cancellation);
            var stream = client.GetStream();
            await stream.WriteAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), Cancellation);
            var buffer = new byte[4096];
            var read = await stream.ReadAsync(buffer, Cancellation);
            return Encoding.ASCII.GetString(buffer, 0, read).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return false;
        }
    }
}
