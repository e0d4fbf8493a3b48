using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using CdfProvisioning.Embedded;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Server;
using Xunit;

namespace CdfProvisioning.Tests.Hosting;

public sealed class LifetimeTests : IDisposable
{
    private const string ListBegin = """{"provisioningTemplateId":"plain","parameters":[{"ThingName":"a"},""";
    private const string ListEnd = """{"ThingName":"b"}]}""";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("/bulkthings", ListBegin, ListEnd)]
    [InlineData("/things", "{\"provisioningTemplateId\":\"plain\",\"parameters\":{\"Thing", "Name\":\"a\"}}")]
    public async Task A_server_that_stops_finishes_the_requests_that_it_is_serving(string path, string begin, string end)
    {
        await using var server = await RunningServer.StartAsync();
        using var client = await BeginAsync(server, path, begin, end);

        var stopping = server.StopAsync(Cancellation);
        await RefusedAsync(server);
        Assert.False(stopping.IsCompleted);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(end), Cancellation);
        using var reader = new StreamReader(client.GetStream());
        var answer = await reader.ReadToEndAsync(Cancellation);
        await stopping;

        Assert.StartsWith("HTTP/1.1 201 ", answer);
    }

    [Fact]
    public async Task A_server_that_may_not_wait_aborts_them_and_nothing_uses_the_registry_any_more()
    {
        await using var server = await RunningServer.StartAsync();
        using var client = await BeginAsync(server, "/bulkthings", ListBegin, ListEnd);

        await server.StopAsync(new CancellationToken(canceled: true));

        Assert.True(server.Server.Journal.TryRead(out var served));
        Assert.Equal("POST /bulkthings", served.Route);
        Assert.InRange(served.Status, 400, 499);
        Assert.Empty(await server.Connection.BulkRegistrations.ListAsync(Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task A_hundred_servers_can_be_started_and_stopped_and_none_stays()
    {
        await using var connection = await EmbeddedBackend.OpenAsync(new EmbeddedBackendOptions(_folder.Path), Cancellation);
        var servers = new List<WeakReference>();

        for (var i = 0; i < 100; i++)
            servers.Add(await StartAskAndStopAsync(connection));

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.InRange(servers.Count(server => server.IsAlive), 0, 1);
    }

    [Fact]
    public async Task A_port_that_is_in_use_is_named()
    {
        await using var server = await RunningServer.StartAsync();

        var error = await Assert.ThrowsAsync<CdfException>(
            () => CdfServer.StartAsync(new ServerOptions { Port = server.Address.Port }, server.Connection, Cancellation));

        Assert.Equal(CdfErrorCode.Unavailable, error.Code);
        Assert.Contains($"{server.Address.Port}", error.Message);
    }

    [Fact]
    public async Task An_address_that_this_machine_has_not_is_named()
    {
        await using var connection = await EmbeddedBackend.OpenAsync(new EmbeddedBackendOptions(_folder.Path), Cancellation);

        var error = await Assert.ThrowsAsync<CdfException>(
            () => CdfServer.StartAsync(new ServerOptions { Port = 0, Address = IPAddress.Parse("192.0.2.1"), ApiKey = "key" }, connection, Cancellation));

        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.Contains("192.0.2.1", error.Message);
    }

    [Fact]
    public async Task A_server_counts_its_requests_by_route_and_status()
    {
        await using var server = await RunningServer.StartAsync();
        await server.ProvisionAsync("a");
        foreach (var path in new[] { "/things/a", "/things/a", "/things/b", "/things/c d", "/elsewhere", "/else/where" })
            await server.GetAsync(path);

        var info = server.Server.Info;

        Assert.Equal(
            [("(no such route)", 404, 2), ("GET /things/{thingName}", 200, 2), ("GET /things/{thingName}", 400, 1), ("GET /things/{thingName}", 404, 1), ("POST /things", 201, 1)],
            info.Requests.Select(request => (request.Route, request.Status, (int)request.Count)));
        Assert.True(info.Uptime > TimeSpan.Zero);
        Assert.Equal("Embedded", info.Connection.Backend);
    }

    [Fact]
    public async Task A_request_is_logged_in_one_line_without_what_it_carries()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SendAsync(HttpMethod.Post, "/things?secret=1", server.Request("keyed", """{"ThingName":"a"}"""));
        await server.GetAsync($"/things/%1b%0aINJECTED{new string('a', 1000)}");

        await server.StopAsync(Cancellation);

        var lines = await server.Server.Journal.ReadAllAsync(Cancellation).Select(request => request.ToString()).Order(StringComparer.Ordinal).ToArrayAsync(Cancellation);
        Assert.Equal(2, lines.Length);
        Assert.Matches(@"^GET /things/%1B%0AINJECTEDa+\.\.\. 400 \d+\.\d ms \S+$", lines[0]);
        Assert.InRange(lines[0].Length, 200, 300);
        Assert.Matches(@"^POST /things 201 \d+\.\d ms \S+$", lines[1]);
    }

    /// <summary>Sends a request but for its end, and returns when the server is working on it.</summary>
    private static async Task<TcpClient> BeginAsync(RunningServer server, string path, string begin, string end)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port, Cancellation);
        var text = $"POST {path} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: {begin.Length + end.Length}\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text), Cancellation);
        var goOn = new byte["HTTP/1.1 100 Continue\r\n\r\n".Length];
        await client.GetStream().ReadExactlyAsync(goOn, Cancellation); // comes when the handler begins to read
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(begin), Cancellation);
        return client;
    }

    /// <summary>Returns when the server accepts no connection any more.</summary>
    private static async Task RefusedAsync(RunningServer server)
    {
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(server.Address.Host, server.Address.Port, Cancellation);
            }
            catch (SocketException)
            {
                return;
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> StartAskAndStopAsync(Connection connection)
    {
        var server = await CdfServer.StartAsync(new ServerOptions { Port = 0 }, connection, Cancellation);
        using (var client = new HttpClient())
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri(server.Info.Address, "/health"), Cancellation)).StatusCode);
        await server.StopAsync(Cancellation);
        return new WeakReference(server);
    }
}
