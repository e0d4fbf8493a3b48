using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Aws;

public sealed class TaskTests
{
    private const string Template = """
        { "Parameters": { "Name": { "Type": "String" } }, "Resources": { "device": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "Name" } } } } }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_second_task_is_refused_where_AWSs_rule_is_set(bool runsOneTaskAtATime)
    {
        await using var host = await AwsHost.StartAsync(settings: new() { RunsOneTaskAtATime = runsOneTaskAtATime });
        var list = Path.Combine(host.Folder, "buckets", "lists", "long.json");
        Directory.CreateDirectory(Path.GetDirectoryName(list)!);
        await File.WriteAllLinesAsync(list, Enumerable.Range(0, 100_000).Select(i => $$"""{"Name":"n-{{i}}"}"""), Cancellation);
        await File.WriteAllTextAsync(Path.Combine(host.Folder, "buckets", "lists", "short.json"), """{"Name":"one"}""", Cancellation);

        var first = await StartAsync("long.json");
        var second = await Record.ExceptionAsync(() => StartAsync("short.json"));
        Assert.Equal(runsOneTaskAtATime, second is CdfException { ErrorTypeName: "InvalidRequestException" } e && e.Message.Contains(first, StringComparison.Ordinal));
        await host.Connection.BulkRegistrations.StopAsync(first, Cancellation);
        await host.Connection.BulkRegistrations.WaitAsync(first, progress: null, Cancellation);
        await StartAsync("short.json");

        async Task<string> StartAsync(string key) => (await host.Connection.Registry.InvokeAsync(
            new StartThingRegistrationTaskRequest(Template, "lists", key, "arn:aws:iam::123456789012:role/r"), Cancellation)).TaskId!;
    }
}
