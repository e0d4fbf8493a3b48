using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace CdfProvisioning.Tests.Hosting;

/// <summary>Clients that send too much, too slowly, or not HTTP. Each waits for the server's own limit.</summary>
public sealed class LimitTests : IAsyncLifetime
{
    private const int MaxBody = 10_000;

    private RunningServer _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(options => options with { MaxRequestBodySize = MaxBody });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("/things", false)]
    [InlineData("/things", true)]
    [InlineData("/bulkthings", false)]
    [InlineData("/bulkthings", true)]
    public async Task A_body_that_is_too_long_is_refused_with_the_limit(string path, bool isChunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(_server.Request("plain", $"[{new string(' ', MaxBody)}]"), Encoding.UTF8, "application/json"),
            Headers = { TransferEncodingChunked = isChunked },
        };

        var response = await _server.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("10,000 bytes", await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task A_body_that_comes_too_slowly_is_given_up_with_a_message()
    {
        var answer = await _server.SendRawAsync("POST /things HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");

        Assert.StartsWith("HTTP/1.1 408 ", answer);
        Assert.Contains("too slowly", answer);
    }

    [Fact]
    public async Task Headers_that_come_too_slowly_are_given_up()
    {
        var answer = await _server.SendRawAsync("GET /health HTTP/1.1\r\nHost: local");

        Assert.StartsWith("HTTP/1.1 408 ", answer);
    }

    [Theory]
    [InlineData("nonsense\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nno colon\r\n\r\n")]
    [InlineData("POST /things HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST /things HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}")]
    public async Task What_is_not_HTTP_is_refused(string text) => Assert.StartsWith("HTTP/1.1 400 ", await _server.SendRawAsync(text));

    [Fact]
    public async Task A_path_that_is_too_long_for_a_request_line_is_refused()
    {
        var answer = await _server.SendRawAsync($"GET /things/{new string('a', 20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 414 ", answer);
    }

    [Fact]
    public async Task Too_many_headers_are_refused()
    {
        var answer = await _server.SendRawAsync($"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: {new string('a', 40_000)}\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 431 ", answer);
    }

    [Fact]
    public async Task A_client_that_goes_away_in_the_middle_of_its_list_leaves_nothing()
    {
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(_server.Address.Host, _server.Address.Port, Cancellation);
            var text = "POST /bulkthings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n"
                + """{"provisioningTemplateId":"plain","parameters":[{"ThingName":"a"},{"ThingName":"b"},""";
            await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text), Cancellation);
        }

        var served = await _server.Server.Journal.ReadAllAsync(Cancellation).FirstAsync(Cancellation);

        Assert.InRange(served.Status, 400, 499);
        Assert.Null(served.Failure);
        Assert.Empty(await _server.Connection.BulkRegistrations.ListAsync(Cancellation).ToListAsync(Cancellation));
        await _server.MessageAsync(HttpStatusCode.NotFound, HttpMethod.Get, "/things/a");
    }
}
