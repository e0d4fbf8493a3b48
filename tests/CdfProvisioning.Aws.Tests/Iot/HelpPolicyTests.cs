using System.Runtime.CompilerServices;
using System.Text.Json;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Aws.Tests.Iot;

public sealed class HelpPolicyTests
{
    [Fact]
    public void The_IAM_policy_to_paste_is_one_and_names_operations_that_there_are()
    {
        using var policy = JsonDocument.Parse(PolicyOfHelp());

        var actions = policy.RootElement.GetProperty("Statement").EnumerateArray()
            .SelectMany<JsonElement, JsonElement>(s => s.GetProperty("Action") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [s.GetProperty("Action")])
            .Select(action => action.GetString()!)
            .ToList();
        var operations = IotOperations.All.Select(o => $"iot:{o.Name}").ToHashSet();
        Assert.All(actions.Where(action => action.StartsWith("iot:", StringComparison.Ordinal)), action => Assert.Contains(action, operations));
    }

    private static string PolicyOfHelp([CallerFilePath] string thisFile = "")
    {
        var help = File.ReadAllText(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../../module/en-US/about_CdfProvisioning_AWS.help.txt"));
        var start = help.LastIndexOf('{', help.IndexOf("\"Version\"", StringComparison.Ordinal));
        var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(help[start..]));
        return JsonElement.ParseValue(ref reader).GetRawText();
    }
}
