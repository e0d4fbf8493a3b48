using System.Runtime.CompilerServices;
using System.Text.Json;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Aws.Tests.Iot;

public sealed class ReadmePolicyTests
{
    [Fact]
    public void The_IAM_policy_to_paste_is_one_and_names_operations_that_there_are()
    {
        using var policy = JsonDocument.Parse(PolicyOfReadme());

        var actions = policy.RootElement.GetProperty("Statement").EnumerateArray()
            .SelectMany<JsonElement, JsonElement>(s => s.GetProperty("Action") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [s.GetProperty("Action")])
            .Select(action => action.GetString()!)
            .ToList();
        var operations = IotOperations.All.Select(o => $"iot:{o.Name}").ToHashSet();
        Assert.All(actions.Where(action => action.StartsWith("iot:", StringComparison.Ordinal)), action => Assert.Contains(action, operations));
    }

    private static string PolicyOfReadme([CallerFilePath] string thisFile = "")
    {
        var readme = File.ReadAllText(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../../README.md"));
        const string begin = "```json\n{\n  \"Version\"";
        var start = readme.IndexOf(begin, StringComparison.Ordinal) + "```json\n".Length;
        return readme[start..readme.IndexOf("```", start, StringComparison.Ordinal)];
    }
}
