using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CdfProvisioning.Server;
using Xunit;

namespace CdfProvisioning.Tests.Hosting;

/// <summary>How many connections there may be, of one address and in all.</summary>
public sealed class ConnectionTests
{
    private const string Prlimit = "/usr/bin/prlimit";
    private const string Serving = "serving ";

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

    [Fact]
    public async Task A_server_whose_ports_are_all_filled_at_once_has_files_left_and_answers_when_the_connections_are_gone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(Prlimit), "The number of files is limited by prlimit.");
        using var child = ChildProcess.Start<ConnectionTests>(nameof(ServeWithFewFilesAsync));
        List<int> ports = [.. (await child.ReadLineAsync(Serving))[Serving.Length..].Split(' ').Select(port => int.Parse(port, CultureInfo.InvariantCulture))];
        var open = new List<TcpClient>();
        foreach (var port in ports)
            for (var i = 0; i < 300; i++)
            {
                open.Add(new TcpClient());
                await TrySendAsync(open[^1], port, "POST /things HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
            }

        open.ForEach(client => client.Dispose());

        foreach (var port in ports.Take(2))
            while (!await IsHttpAsync(port))
                Assert.False(child.HasExited, "It has ended.");
        await child.KillAsync();
    }

    private static async Task ServeWithFewFilesAsync()
    {
        await using var server = await RunningServer.StartAsync();
        var limit = Directory.EnumerateFileSystemEntries("/proc/self/fd").Count() + 200;
        using (var prlimit = Process.Start(Prlimit, [$"--pid={Environment.ProcessId}", $"--nofile={limit}:{limit}"]))
            await prlimit.WaitForExitAsync();
        var options = new ServerOptions { Port = 0, AwsPort = 0, DevicePort = 0, AwsCredentials = new("AKIAEXAMPLE", "secret") };
        var info = (await CdfServer.StartAsync(options, server.Connection, CancellationToken.None)).Info;
        Console.WriteLine($"{Serving}{info.Address.Port} {info.AwsAddress!.Port} {info.DeviceAddress!.Port}");
        await Task.Delay(Timeout.Infinite);
    }

    private static async Task TrySendAsync(TcpClient client, int port, string text)
    {
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, Cancellation);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), Cancellation);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // One too many.
        }
    }

    private static async Task<bool> IsHttpAsync(int port)
    {
        using var client = new TcpClient();
        return (await AnswerAsync(client, port)).Length > 0;
    }

    private static async Task<bool> IsAnsweredAsync(RunningServer server, TcpClient client) =>
        (await AnswerAsync(client, server.Address.Port)).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal);

    /// <summary>Nothing of one that is closed, which may be so before it is known to be connected.</summary>
    private static async Task<string> AnswerAsync(TcpClient client, int port)
    {
        try
        {
            if (!client.Connected)
                await client.ConnectAsync(IPAddress.Loopback, port, Cancellation);
            var stream = client.GetStream();
            await stream.WriteAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), Cancellation);
            var buffer = new byte[4096];
            var read = await stream.ReadAsync(buffer, Cancellation);
            return Encoding.ASCII.GetString(buffer, 0, read);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return "";
        }
    }
}
