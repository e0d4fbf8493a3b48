using System.Net;
using System.Net.Sockets;
using CdfProvisioning.Server.Hosting;
using Xunit;

namespace CdfProvisioning.Tests.Hosting;

public sealed class ReceiptTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Socket _client = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _server;

    public ReceiptTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux says what has been acknowledged.");
        _listener.Start();
        _client.Connect(_listener.LocalEndpoint);
        _server = _listener.AcceptSocket();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _server?.Dispose();
        _listener.Dispose();
    }

    [Fact]
    public async Task A_client_that_listens_has_what_was_sent()
    {
        for (var answer = 0; answer < 3; answer++)
        {
            using var receipt = new Receipt(_server);
            await _server.SendAsync(new byte[5000], Cancellation);

            Assert.True(await receipt.HasComeAsync(5000, CancellationToken.None));
        }
    }

    [Fact]
    public async Task A_client_that_has_said_all_and_still_listens_has_it()
    {
        _client.Shutdown(SocketShutdown.Send);
        using var receipt = new Receipt(_server);
        await _server.SendAsync(new byte[10], Cancellation);

        Assert.True(await receipt.HasComeAsync(10, new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task A_client_that_took_it_and_left_has_it()
    {
        using var receipt = new Receipt(_server);
        await _server.SendAsync(new byte[10], Cancellation);
        Assert.Equal(10, await _client.ReceiveAsync(new byte[10], Cancellation));
        _client.Close();
        _server.Shutdown(SocketShutdown.Both);
        _server.Dispose();

        Assert.True(await receipt.HasComeAsync(10, CancellationToken.None));
    }

    [Fact]
    public async Task A_client_that_has_it_is_told_from_one_that_has_not_while_more_is_sent()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var receipt = new Receipt(_server);
        await _server.SendAsync(new byte[10], Cancellation);
        var more = Task.Run(SendMoreAsync, Cancellation);

        Assert.True(await receipt.HasComeAsync(10, CancellationToken.None));

        await stop.CancelAsync();
        await more;

        async Task SendMoreAsync()
        {
            var buffer = new byte[1000];
            for (; !stop.IsCancellationRequested; await _client.ReceiveAsync(buffer, Cancellation))
                await _server.SendAsync(new byte[100], Cancellation);
        }
    }

    [Fact]
    public async Task A_client_that_had_gone_has_nothing_although_it_could_be_sent()
    {
        using var receipt = new Receipt(_server);
        _client.Close();
        Assert.Equal(10, await _server.SendAsync(new byte[10], Cancellation));

        Assert.False(await receipt.HasComeAsync(10, CancellationToken.None));
    }

    [Fact]
    public async Task What_a_client_had_before_is_no_receipt_of_what_is_not_sent()
    {
        await _server.SendAsync(new byte[5000], Cancellation);
        using var receipt = new Receipt(_server);

        Assert.False(await receipt.HasComeAsync(10, new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task A_connection_that_was_gone_before_has_nothing_although_nobody_has_noticed()
    {
        _server.Dispose();

        using var receipt = new Receipt(_server);

        Assert.False(await receipt.HasComeAsync(10, CancellationToken.None));
    }

    [Fact]
    public async Task A_connection_that_is_gone_has_had_nothing()
    {
        using var receipt = new Receipt(_server);
        _server.Dispose();

        Assert.False(await receipt.HasComeAsync(10, CancellationToken.None));
    }
}
