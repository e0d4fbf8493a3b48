using System.Net;
using CdfProvisioning.Server.Rest;
using Xunit;

namespace CdfProvisioning.Tests.Rest;

public sealed class MediaTypeTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        await _server.ProvisionAsync("device");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(null, MediaTypes.Cdf)]
    [InlineData("*/*", MediaTypes.Cdf)]
    [InlineData("application/*", MediaTypes.Cdf)]
    [InlineData(MediaTypes.Cdf, MediaTypes.Cdf)]
    [InlineData("APPLICATION/JSON", MediaTypes.Json)]
    [InlineData("application/json, */*;q=0.5", MediaTypes.Json)]
    [InlineData("text/html, application/json;q=0.9", MediaTypes.Json)]
    [InlineData("application/json;q=0, */*", MediaTypes.Cdf)]
    public async Task The_answer_has_the_media_type_that_the_client_likes_best(string? accept, string type)
    {
        var response = await GetAsync("/things/device", accept);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("/things/device", "text/html")]
    [InlineData("/things/device", "application/vnd.aws-cdf-v2.0+json")]
    [InlineData("/things/device", "application/json;q=0")]
    [InlineData("/things/device", "nonsense")]
    [InlineData("/bulkthings/x/results", "application/json")]
    public async Task A_client_that_accepts_nothing_that_there_is_gets_415(string path, string accept)
    {
        var response = await GetAsync(path, accept);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains("Accept", await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory]
    [InlineData(MediaTypes.Cdf, HttpStatusCode.Created)]
    [InlineData(MediaTypes.Json, HttpStatusCode.Created)]
    [InlineData("application/json; charset=UTF-8", HttpStatusCode.Created)]
    [InlineData("application/json; charset=\"utf-8\"", HttpStatusCode.Created)]
    [InlineData("application/json; charset=iso-8859-1", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("text/plain", HttpStatusCode.UnsupportedMediaType)]
    [InlineData(null, HttpStatusCode.UnsupportedMediaType)]
    public async Task A_body_has_to_say_that_it_is_JSON(string? type, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/things") { Content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(_server.Request("plain", """{"ThingName":"x"}"""))) };
        if (type is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);

        var response = await _server.SendAsync(request);

        Assert.Equal(status, response.StatusCode);
        if (status != HttpStatusCode.Created)
            await _server.MessageAsync(HttpStatusCode.NotFound, HttpMethod.Get, "/things/x");
    }

    private Task<HttpResponseMessage> GetAsync(string path, string? accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        return _server.SendAsync(request);
    }
}
