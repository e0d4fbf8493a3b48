using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Server;
using Xunit;

namespace CdfProvisioning.Tests.Rest;

/// <summary>Lists whose server was stopped, for clients that know AWS IoT's states only.</summary>
public sealed class InterruptedTaskTests : IAsyncLifetime
{
    private const int Rows = 24;

    private RunningServer _server = null!;

    /// <summary>Lists with these are still at work when they are interrupted, however busy the machine is: an RSA key takes a tenth of a second.</summary>
    private string SlowCdfParameters => $$"""{"caId":"{{_server.CaId}}","certInfo":{"commonName":"device","daysExpiry":30,"keyAlgorithm":"RSA2048"} }""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task An_interrupted_task_has_failed_and_says_how_to_go_on()
    {
        var path = await InterruptAsync();

        var task = await _server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, path);

        Assert.Equal("Failed", (string?)task["status"]);
        Assert.Contains($"POST {path}/resume", (string?)task["message"]);
        Assert.DoesNotContain("Resume-Cdf", (string?)task["message"]);
        Assert.Equal("Failed", (string?)(await _server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, "/bulkthings"))["tasks"]![0]!["status"]);
    }

    [Fact]
    public async Task Why_a_task_was_interrupted_is_told_without_the_servers_folders()
    {
        var task = await BeginAsync();
        Directory.Move(_server.Keys, _server.Keys + "-away");
        await File.WriteAllTextAsync(_server.Keys, "no folder", Cancellation);
        Assert.Contains(_server.Keys, (await _server.WaitAsync(task)).Message);

        var message = (string?)(await _server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, $"/bulkthings/{task["taskId"]}"))["message"];
        Assert.StartsWith("The key folder cannot be used:", message);
        Assert.DoesNotContain(_server.Keys, message);
    }

    [Fact]
    public async Task A_task_can_be_resumed_and_registers_each_thing_once()
    {
        var path = await InterruptAsync();

        var task = await _server.JsonAsync(HttpStatusCode.OK, HttpMethod.Post, $"{path}/resume");
        Assert.Contains((string?)task["status"], new[] { "InProgress", "Completed" });
        await _server.WaitAsync(task);

        task = await _server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, path);
        Assert.Equal(("Completed", Rows), ((string?)task["status"], (int)task["successCount"]!));
        Assert.Contains("Completed", await _server.MessageAsync(HttpStatusCode.Conflict, HttpMethod.Post, $"{path}/resume"));
    }

    [Fact]
    public async Task A_task_can_be_stopped_for_good()
    {
        var path = await InterruptAsync();

        Assert.Equal("Cancelled", (string?)(await _server.JsonAsync(HttpStatusCode.OK, HttpMethod.Post, $"{path}/stop"))["status"]);

        await _server.MessageAsync(HttpStatusCode.Conflict, HttpMethod.Post, $"{path}/stop");
        await _server.MessageAsync(HttpStatusCode.NotFound, HttpMethod.Post, "/bulkthings/none/stop");
        await _server.MessageAsync(HttpStatusCode.NotFound, HttpMethod.Post, "/bulkthings/none/resume");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_starts_goes_on_with_what_clients_have_begun_unless_it_is_told_not_to(bool resumes)
    {
        var path = await InterruptAsync();
        var parameters = new CdfProvisioningParameters { CaId = _server.CaId, CertInfo = new() { CommonName = "device", DaysExpiry = 30, KeyAlgorithm = "RSA2048" } };
        await using var draft = await _server.Connection.BulkRegistrations.CreateAsync(new BulkRegistrationRequest("keyed", _server.Keys, parameters), Cancellation);
        for (var i = 0; i < Rows; i++)
            await draft.AddAsync(new Dictionary<string, string> { ["ThingName"] = $"own-{i}" }, Cancellation);
        var own = await _server.Connection.BulkRegistrations.StartAsync(draft, Cancellation);
        await _server.Connection.BulkRegistrations.InterruptAsync(own.TaskId, Cancellation);

        var second = await CdfServer.StartAsync(new() { Port = 0, ResumesTasks = resumes }, _server.Connection, Cancellation);

        var task = await _server.JsonAsync(HttpStatusCode.OK, HttpMethod.Get, path);
        Assert.Equal(resumes, (string?)task["status"] != "Failed");
        Assert.Equal(BulkRegistrationStatus.Interrupted, (await _server.Connection.BulkRegistrations.GetAsync(own.TaskId, Cancellation)).Status);
        await second.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Dates_are_written_as_the_original_writes_them()
    {
        var path = await InterruptAsync();
        var text = await (await _server.GetAsync(path)).Content.ReadAsStringAsync(Cancellation);

        Assert.Equal(2, Regex.Count(text, @"""\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"""));
    }

    /// <summary>A list that is at work for a while.</summary>
    private Task<JsonNode> BeginAsync()
    {
        var rows = string.Join(',', Enumerable.Range(0, Rows).Select(i => $$"""{"ThingName":"thing-{{i}}"}"""));
        return _server.JsonAsync(HttpStatusCode.Created, HttpMethod.Post, "/bulkthings", $$"""{"provisioningTemplateId":"keyed","parameters":[{{rows}}],"cdfProvisioningParameters":{{SlowCdfParameters}} }""");
    }

    /// <returns>The path of a task that was interrupted.</returns>
    private async Task<string> InterruptAsync()
    {
        var task = await BeginAsync();
        var interrupted = await _server.Connection.BulkRegistrations.InterruptAsync((string)task["taskId"]!, Cancellation);
        Assert.Equal(BulkRegistrationStatus.Interrupted, interrupted.Status);
        return $"/bulkthings/{interrupted.TaskId}";
    }
}
