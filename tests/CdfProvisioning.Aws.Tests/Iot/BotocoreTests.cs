using System.Text.Json;
using System.Text.Json.Nodes;
using CdfProvisioning.Aws.Client;
using CdfProvisioning.Aws.Iot;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Aws.Tests.Iot;

/// <summary>Holds what we send against what an installed botocore sends, for every operation and with every member filled.</summary>
public sealed class BotocoreTests
{
    [Fact]
    public async Task Requests_and_signatures_are_botocores()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var samples = JsonNode.Parse(await PythonAsync("samples", new JsonArray([.. IotOperations.All.Select(o => o.Name)])))!.AsObject();
        await using var server = await ScriptedServer.StartAsync(Reply.Ok());
        using var client = new AwsServiceClient(AwsService.Iot, TestSettings.For(server).Apply(new AwsServiceConfig(AwsService.Iot)));
        var calls = new JsonArray();
        foreach (var operation in IotOperations.All.Where(o => samples.ContainsKey(o.Name)))
        {
            var request = samples[operation.Name].Deserialize(operation.Request)!;
            await client.SendAsync(IotCall.Of(request), cancellation);
            var sent = server.Received[^1];
            calls.Add(new JsonObject
            {
                ["operation"] = operation.Name,
                ["parameters"] = JsonSerializer.SerializeToNode(request, operation.Request),
                ["sent"] = JsonSerializer.SerializeToNode(sent, JsonSerializerOptions.Web),
            });
        }

        var differences = await PythonAsync("compare", new JsonObject
        {
            ["accessKey"] = TestSettings.AccessKey,
            ["secretKey"] = TestSettings.SecretKey,
            ["token"] = "the-session-token",
            ["calls"] = calls,
        });

        Assert.Equal("", differences);
        Assert.True(samples.Count > 40);
    }

    private static async Task<string> PythonAsync(string command, JsonNode input)
    {
        Assert.SkipUnless(await ClientProcess.SucceedsAsync("python3", "-c", "import botocore"), "Debian's python3-botocore is not installed.");
        return (await ClientProcess.OutputOfAsync("python3", [Path.Combine(AppContext.BaseDirectory, "Iot", "botocore_requests.py"), command], input.ToJsonString())).Trim();
    }
}
