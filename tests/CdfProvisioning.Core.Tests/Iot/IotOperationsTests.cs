using System.Text.Json;
using System.Text.RegularExpressions;
using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Iot;

/// <summary>Holds our operation table against the service model of an installed botocore.</summary>
public sealed partial class IotOperationsTests
{
    public static TheoryData<string> Operations => [.. IotOperations.All.Select(o => o.Name)];

    [Theory, MemberData(nameof(Operations))]
    public void An_operation_travels_as_botocores_model_says(string name)
    {
        using var model = ReadModel();
        var operation = IotOperations.All.Single(o => o.Name == name);
        if (!model.RootElement.GetProperty("operations").TryGetProperty(name, out var theirs))
            Assert.Skip($"The installed botocore is older than {name}.");

        var http = theirs.GetProperty("http");
        Assert.Equal(http.GetProperty("method").GetString(), operation.Method);

        var input = Members(model, theirs, "input");
        Assert.Equal(
            http.GetProperty("requestUri").GetString(),
            PathParameter().Replace(operation.Path, m => "{" + LocationName(input, m.Groups[1].Value, "uri") + "}"));
        Assert.Equal(Located(input, "querystring"), Bound(operation.Query));
        Assert.Equal(Located(input, "header"), Bound(operation.Headers));
    }

    [Theory, MemberData(nameof(Operations))]
    public void An_operations_members_are_in_botocores_model(string name)
    {
        using var model = ReadModel();
        var operation = IotOperations.All.Single(o => o.Name == name);
        if (!model.RootElement.GetProperty("operations").TryGetProperty(name, out var theirs))
            Assert.Skip($"The installed botocore is older than {name}.");

        Assert.Equal(
            Members(model, theirs, "input").Keys.Except(NewerThanDebian).Order(),
            operation.Request.Properties.Select(p => p.Name).Except(NewerThanDebian).Order());
        Assert.Equal(
            Members(model, theirs, "output").Keys.Except(NewerThanDebian).Order(),
            operation.Response.Properties.Select(p => p.Name).Except(NewerThanDebian).Order());
    }

    private static readonly string[] NewerThanDebian = ["thingPrincipalType", "verbose", "eventConfigurations"];

    private static JsonDocument ReadModel()
    {
        var path = new[] { "/usr/lib/python3/dist-packages", "/usr/local/lib/python3/dist-packages" }
            .Select(d => Path.Combine(d, "botocore/data/iot/2015-05-28/service-2.json"))
            .FirstOrDefault(File.Exists);
        if (path is null)
            Assert.Skip("Debian's python3-botocore is not installed.");
        return JsonDocument.Parse(File.ReadAllBytes(path));
    }

    private static Dictionary<string, JsonElement> Members(JsonDocument model, JsonElement operation, string side)
    {
        if (!operation.TryGetProperty(side, out var reference))
            return [];
        var shape = model.RootElement.GetProperty("shapes").GetProperty(reference.GetProperty("shape").GetString()!);
        return shape.GetProperty("members").EnumerateObject().ToDictionary(m => m.Name, m => m.Value.Clone());
    }

    private static string LocationName(Dictionary<string, JsonElement> members, string member, string location)
    {
        var theirs = members[member];
        Assert.Equal(location, theirs.GetProperty("location").GetString());
        return theirs.GetProperty("locationName").GetString()!;
    }

    private static IEnumerable<string> Located(Dictionary<string, JsonElement> members, string location) =>
        members.Where(m => m.Value.TryGetProperty("location", out var l) && l.GetString() == location)
            .Select(m => $"{m.Key}={m.Value.GetProperty("locationName").GetString()}").Order();

    private static IEnumerable<string> Bound(IEnumerable<IotBinding> bindings) =>
        bindings.Where(b => !NewerThanDebian.Contains(b.Member)).Select(b => $"{b.Member}={b.Name}").Order();

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex PathParameter();
}
