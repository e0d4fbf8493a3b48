using System.Net;
using System.Text.Json.Nodes;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Server;
using CdfProvisioning.Server.Rest;
using Xunit;

namespace CdfProvisioning.Tests.Rest;

public sealed class BulkTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_list_is_registered_and_its_results_can_be_read()
    {
        var response = await _server.SendAsync(HttpMethod.Post, "/bulkthings", _server.Request("plain", Rows("one", "not good", "two")));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var task = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!;
        Assert.Equal($"/bulkthings/{task["taskId"]}", response.Headers.Location?.OriginalString);
        await _server.WaitAsync(task);

        task = await _server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, response.Headers.Location!.OriginalString);

        Assert.Equal("Completed", (string?)task["status"]);
        Assert.Equal((2, 1, 3, 100), ((int)task["successCount"]!, (int)task["failureCount"]!, (int)task["rowCount"]!, (int)task["percentageProgress"]!));
        Assert.True(task["creationDate"]!.GetValue<DateTimeOffset>() <= DateTimeOffset.UtcNow);
        var results = await ResultsAsync(task);
        Assert.Equal([1, 2, 3], results.Select(result => (int)result["row"]!));
        Assert.Equal([true, false, true], results.Select(result => (bool)result["succeeded"]!));
        Assert.Contains("not good", (string?)results[1]["error"]);
        await _server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, "/things/two");
    }

    [Fact]
    public async Task All_tasks_are_listed()
    {
        Assert.Empty((await _server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, "/bulkthings"))["tasks"]!.AsArray());
        var first = await CreateAsync("plain", "one");
        var second = await CreateAsync("plain", "two");

        var tasks = (await _server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, "/bulkthings"))["tasks"]!.AsArray();

        Assert.Equal([(string?)first["taskId"], (string?)second["taskId"]], tasks.Select(task => (string?)task!["taskId"]));
    }

    [Fact]
    public async Task Keys_are_put_into_the_servers_folder_and_nowhere_else()
    {
        var task = await CreateAsync("keyed", "one", "two");
        await _server.WaitAsync(task);

        Assert.Equal(["one.pem", "two.pem"], Directory.EnumerateFiles(_server.Keys).Select(Path.GetFileName).Order());
        var answers = await (await _server.GetAsync($"/bulkthings/{task["taskId"]}")).Content.ReadAsStringAsync(Cancellation)
            + await (await _server.GetAsync($"/bulkthings/{task["taskId"]}/results")).Content.ReadAsStringAsync(Cancellation);
        Assert.DoesNotContain("PRIVATE KEY", answers);
        Assert.DoesNotContain(_server.Keys, answers);
    }

    [Fact]
    public async Task Why_a_row_failed_is_told_without_the_servers_folders()
    {
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(_server.Keys).FullName, "one.pem"), "no key", Cancellation);
        var task = await CreateAsync("keyed", "one", "two");
        Assert.Equal(1, (await _server.WaitAsync(task)).FailureCount);

        var error = (string?)(await ResultsAsync(task))[0]["error"];
        Assert.StartsWith("The file stands where the key of thing 'one' belongs", error);
        Assert.DoesNotContain(_server.Keys, error);
    }

    [Fact]
    public async Task Keys_are_put_into_the_servers_one_file()
    {
        await using var server = await RunningServer.StartAsync(options => options with { KeyDirectory = null, KeyFile = Path.Combine(Path.GetDirectoryName(options.KeyDirectory)!, "keys.jsonl") });
        var task = await server.JsonAsync(HttpStatusCode.Created, HttpMethod.Post, "/bulkthings", server.Request("keyed", Rows("one", "two")));
        Assert.Equal(2, (await server.WaitAsync(task)).SuccessCount);

        Assert.DoesNotContain("keys.jsonl", task.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(["one", "two"], Keys.KeyFile.Read(Path.Combine(Path.GetDirectoryName(server.Keys)!, "keys.jsonl"), holder: null).Select(line => line.Thing));
    }

    [Fact]
    public async Task A_list_that_is_sent_again_with_its_key_is_the_same_task()
    {
        var body = _server.Request("keyed", Rows("one", "two"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendOnceAsync("order-7", body)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
        var task = Assert.Single(answers.Select(answer => (string?)answer.Answer["taskId"]).Distinct());
        Assert.Equal(2, (await _server.WaitAsync(answers[0].Answer)).SuccessCount);
        Assert.Equal(task, (string?)(await SendOnceAsync("order-7", body)).Answer["taskId"]);
        var other = await SendOnceAsync("order-7", _server.Request("keyed", Rows("three")));
        Assert.Equal(HttpStatusCode.Conflict, other.Status);
        Assert.Contains("order-7", (string?)other.Answer["message"], StringComparison.Ordinal);
        Assert.NotEqual(task, (string?)(await SendOnceAsync("order-8", _server.Request("keyed", Rows("three")))).Answer["taskId"]);
    }

    [Fact]
    public async Task A_list_that_is_sent_again_to_another_server_over_the_registry_is_the_same_task()
    {
        await using var registry = await _server.OpenAgainAsync();
        var other = await CdfServer.StartAsync(new() { Port = 0, KeyDirectory = _server.Keys }, registry, Cancellation);
        for (var i = 0; i < 5; i++)
        {
            var body = _server.Request("keyed", Rows($"{i}-one", $"{i}-two"));
            var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(n => SendOnceAsync($"order-{i}", body, n % 2 == 0 ? null : other.Info.Address)));

            Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
            Assert.Single(answers.Select(answer => (string?)answer.Answer["taskId"]).Distinct());
            Assert.Equal(2, (await _server.WaitAsync(answers[0].Answer)).SuccessCount);
        }

        await other.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Without_a_folder_a_list_that_makes_keys_is_refused_without_a_word_of_cmdlets()
    {
        await using var server = await RunningServer.StartAsync(options => options with { KeyDirectory = null });

        var message = await server.MessageAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/bulkthings", server.Request("keyed", Rows("one")));

        Assert.Contains("makes a private key for every device", message);
        Assert.DoesNotContain("Start-CdfServer", message);
        Assert.Empty((await server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, "/bulkthings"))["tasks"]!.AsArray());
    }

    [Theory]
    [InlineData("keyed", "provisioningTemplateId", "parameters", "cdfProvisioningParameters")]
    [InlineData("keyed", "parameters", "cdfProvisioningParameters", "provisioningTemplateId")]
    [InlineData("keyed", "cdfProvisioningParameters", "provisioningTemplateId", "parameters")]
    [InlineData("plain", "provisioningTemplateId", "parameters")]
    [InlineData("plain", "parameters", "provisioningTemplateId")]
    public async Task The_members_of_the_body_may_come_in_any_order(string template, params string[] order)
    {
        var names = Enumerable.Range(1, 600).Select(i => $"device-{i}").ToArray();
        var members = new Dictionary<string, string>
        {
            ["provisioningTemplateId"] = $"\"{template}\"",
            ["parameters"] = Rows(names),
            ["cdfProvisioningParameters"] = _server.CdfParameters,
        };

        var task = await _server.JsonAsync(
            HttpStatusCode.Created, HttpMethod.Post, "/bulkthings", $"{{{string.Join(',', order.Select(name => $"\"{name}\":{members[name]}"))}}}");

        Assert.Equal(600, (await _server.WaitAsync(task)).SuccessCount);
        Assert.Equal(names, (await ResultsAsync(task)).Select(result => (string?)result["thingName"]));
    }

    [Theory]
    [InlineData("", HttpStatusCode.BadRequest, "does not contain any JSON")]
    [InlineData("[]", HttpStatusCode.BadRequest, "not an object")]
    [InlineData("{}", HttpStatusCode.BadRequest, "'provisioningTemplateId'")]
    [InlineData("""{"provisioningTemplateId":"plain"}""", HttpStatusCode.BadRequest, "empty")]
    [InlineData("""{"provisioningTemplateId":"plain","parameters":[]}""", HttpStatusCode.BadRequest, "empty")]
    [InlineData("""{"provisioningTemplateId":"plain","parameters":{}}""", HttpStatusCode.BadRequest, "not an array")]
    [InlineData("""{"provisioningTemplateId":"plain","parameters":null}""", HttpStatusCode.BadRequest, "not an array")]
    [InlineData("""{"provisioningTemplateId":7,"parameters":[]}""", HttpStatusCode.BadRequest, "not a string")]
    [InlineData("""{"provisioningTemplateId":"\ud800","parameters":[]}""", HttpStatusCode.BadRequest, "not Unicode")]
    [InlineData("""{"provisioningTemplateId":"plain","\ud800":1}""", HttpStatusCode.BadRequest, "not Unicode")]
    [InlineData("""{"provisioningTemplateId":"plain","parameters":[{"ThingName":"\ud800"}]}""", HttpStatusCode.BadRequest, "Row 1 of 'parameters'")]
    [InlineData("""{"provisioningTemplateId":"plain","parameters":[{"ThingName":"a"},7]}""", HttpStatusCode.BadRequest, "Row 2 of 'parameters': it is a number")]
    [InlineData("""{"provisioningTemplateId":"plain","parameters":[{"ThingName":"a"},{"ThingName":["b"]}]}""", HttpStatusCode.BadRequest, "Row 2: The value of 'ThingName' is an array")]
    [InlineData("""{"provisioningTemplateId":"plain","parameters":[{"ThingName":"a"},{"ThingName":"b"}""", HttpStatusCode.BadRequest, "Row 3 of 'parameters'")]
    [InlineData("""{"provisioningTemplateId":"plain","parameters":[{"ThingName":"a"},{"ThingName":""", HttpStatusCode.BadRequest, "Row 2 of 'parameters'")]
    [InlineData("""{"provisioningTemplateId":"plain","parameters":[{"ThingName":"a"}],"parameters":[{"ThingName":"b"}]}""", HttpStatusCode.BadRequest, "two members 'parameters'")]
    [InlineData("""{"provisioningTemplateId":"plain","parameters":[{"ThingName":"a"}]} x""", HttpStatusCode.BadRequest, "'x'")]
    [InlineData("""{"provisioningTemplateId":"plain","parameters":[{"Thing":"a"}]}""", HttpStatusCode.BadRequest, "no column 'ThingName'")]
    [InlineData("""{"provisioningTemplateId":"nope","parameters":[{"ThingName":"a"}]}""", HttpStatusCode.NotFound, "'nope'")]
    [InlineData("""{"parameters":[{"ThingName":"a"}],"provisioningTemplateId":"nope"}""", HttpStatusCode.NotFound, "'nope'")]
    [InlineData("""{"provisioningTemplateId":"broken","parameters":[{"ThingName":"a"}]}""", HttpStatusCode.BadRequest, "line 1, column")]
    [InlineData("""{"provisioningTemplateId":"keyed","cdfProvisioningParameters":{"certInfo":7},"parameters":[]}""", HttpStatusCode.BadRequest, "$.certInfo")]
    public async Task A_list_that_cannot_be_taken_is_refused_with_the_reason_and_leaves_nothing(string body, HttpStatusCode status, string reason)
    {
        var message = await _server.MessageAsync(status, HttpMethod.Post, "/bulkthings", body);

        Assert.Contains(reason, message);
        Assert.DoesNotContain("System.", message);
        Assert.Empty((await _server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, "/bulkthings"))["tasks"]!.AsArray());
        await _server.MessageAsync(HttpStatusCode.NotFound, HttpMethod.Get, "/things/a");
    }

    [Fact]
    public async Task Members_that_the_server_does_not_know_are_passed_over()
    {
        var task = await _server.JsonAsync(
            HttpStatusCode.Created, HttpMethod.Post, "/bulkthings",
            """{"note":"x","nested":{"parameters":[{"ThingName":"no"}],"list":[1,[2,{"a":null}]]},"provisioningTemplateId":"plain","parameters":[{"ThingName":"a"}],"last":[{}]}""");

        Assert.Equal(1, (await _server.WaitAsync(task)).SuccessCount);
    }

    [Theory]
    [InlineData("nope", """{"ThingName":"a"}""", "404 Not Found")]
    [InlineData("plain", "7", "400 Bad Request")]
    public async Task A_long_list_that_is_refused_leaves_the_connection_usable(string template, string firstRow, string status)
    {
        var rows = string.Concat(Enumerable.Range(0, 160_000).Select(row => $$""",{"ThingName":"thing-with-a-long-name-{{row}}"}"""));
        var list = $$"""{"provisioningTemplateId":"{{template}}","parameters":[{{firstRow}}{{rows}}]}""";

        var answers = await _server.SendRawAsync(
            $"POST /bulkthings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {list.Length}\r\n\r\n{list}" +
            "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {status}", answers);
        Assert.Contains("HTTP/1.1 200 OK", answers);
    }

    [Fact]
    public async Task A_row_that_never_ends_is_refused()
    {
        var message = await _server.MessageAsync(
            HttpStatusCode.BadRequest, HttpMethod.Post, "/bulkthings", _server.Request("plain", $$"""[{"ThingName":"{{new string('a', 3_000_000)}}"}]"""));

        Assert.Contains("Row 1 of 'parameters' is longer than", message);
    }

    [Theory]
    [InlineData("/bulkthings/nope")]
    [InlineData("/bulkthings/nope/results")]
    public async Task A_task_that_there_is_not_is_named(string path) =>
        Assert.Contains("'nope'", await _server.MessageAsync(HttpStatusCode.NotFound, HttpMethod.Get, path));

    private async Task<(HttpStatusCode Status, JsonNode Answer)> SendOnceAsync(string key, string body, Uri? server = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server ?? _server.Address, "/bulkthings")) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", key);
        var response = await _server.SendAsync(request);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!);
    }

    private static string Rows(params IEnumerable<string> names) => $"[{string.Join(',', names.Select(name => $$"""{"ThingName":"{{name}}"}"""))}]";

    private Task<JsonNode> CreateAsync(string template, params string[] names) =>
        _server.JsonAsync(HttpStatusCode.Created, HttpMethod.Post, "/bulkthings", _server.Request(template, Rows(names)));

    private async Task<List<JsonNode>> ResultsAsync(JsonNode task)
    {
        var response = await _server.GetAsync($"/bulkthings/{task["taskId"]}/results");
        Assert.Equal(MediaTypes.JsonLines, response.Content.Headers.ContentType?.MediaType);
        var lines = await response.Content.ReadAsStringAsync(Cancellation);
        return [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }
}
