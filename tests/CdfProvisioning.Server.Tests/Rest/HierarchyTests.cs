using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace CdfProvisioning.Tests.Rest;

public sealed class HierarchyTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        await _server.Connection.TemplateAssignments.SetAsync("plain", ["/europe"], Cancellation);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_thing_gets_the_template_of_its_place()
    {
        await _server.JsonAsync(HttpStatusCode.Created, HttpMethod.Post, "/things", """{"groupPath":["/europe/ulm"],"parameters":{"ThingName":"a"}}""");

        Assert.Equal("a", (string?)(await _server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, "/things/a"))["thingName"]);
    }

    [Fact]
    public async Task A_place_without_a_template_is_not_found() => Assert.Contains(
        "/asia",
        await _server.MessageAsync(HttpStatusCode.NotFound, HttpMethod.Post, "/things", """{"groupPath":["/asia"],"parameters":{"ThingName":"a"}}"""),
        StringComparison.Ordinal);

    [Fact]
    public async Task A_place_that_is_null_is_refused() => Assert.Contains(
        "is not a group path",
        await _server.MessageAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/things", """{"groupPath":[null],"parameters":{"ThingName":"a"}}"""));

    [Fact]
    public async Task The_rows_of_a_list_say_where_they_are()
    {
        const string list = """{"parameters":[{"ThingName":"a","GroupPath":"/europe"},{"ThingName":"b","GroupPath":"/asia"}]}""";
        JsonNode task = await _server.JsonAsync(HttpStatusCode.Created, HttpMethod.Post, "/bulkthings", list);
        await _server.WaitAsync(task);

        task = await _server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, $"/bulkthings/{task["taskId"]}");
        Assert.Equal((1, 1), ((int)task["successCount"]!, (int)task["failureCount"]!));
    }

    [Fact]
    public async Task Rows_that_do_not_say_it_are_refused_with_what_is_missing() => Assert.Contains(
        "'GroupPath'",
        await _server.MessageAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/bulkthings", """{"parameters":[{"ThingName":"a"}]}"""),
        StringComparison.Ordinal);
}
