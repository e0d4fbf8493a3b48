using System.Text.Json.Nodes;
using Xunit;

namespace CdfProvisioning.Tests.Aws;

/// <summary>What AWS's SDK for JavaScript sees, from a template in S3 to the reports of a list of 1,000.</summary>
public sealed class JavaScriptTests
{
    /// <summary>The operations that Debian's boto3 is too old for.</summary>
    public static readonly string[] NewerThanDebian = ["UpdateThingType", "ListThingPrincipalsV2", "ListPrincipalThingsV2"];

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Aws", "js");

    [Fact]
    public async Task A_fleet_is_registered()
    {
        Assert.SkipUnless(await ClientProcess.SucceedsAsync("node", "--version"), "Node.js is not installed.");
        Assert.SkipUnless(await IsInstalledAsync(), "AWS's SDK for JavaScript could not be installed (npm ci).");
        await using var host = await AwsHost.StartAsync();
        var output = await ClientProcess.OutputOfAsync("node", [Path.Combine(Folder, "end_to_end.mjs"), host.Endpoint.AbsoluteUri, Make.Csr()]);
        var seen = JsonNode.Parse(output)!;

        Assert.Equal("""["certificate","thing"]""", seen["registered"]!.ToJsonString());
        Assert.Equal("""[[{"Key":"stage","Value":"test"},{"Key":"team","Value":"field"}],["one"],["one"]]""", new JsonArray(seen["tags"]!.DeepClone(), seen["members"]!.DeepClone(), seen["found"]!.DeepClone()).ToJsonString());
        Assert.Equal(("NON_EXCLUSIVE_THING", "one", "Feels", true), ((string)seen["principalType"]!, (string)seen["thing"]!, (string)seen["description"]!, (bool)seen["createdNow"]!));
        Assert.Equal("""["Completed",999,1,100]""", seen["task"]!.ToJsonString());
        Assert.Equal("""[999,"arn:aws:iot:us-east-1:123456789012:thing/n-0",true]""", seen["results"]!.ToJsonString());
        Assert.Equal("[501]", seen["errors"]!.ToJsonString());
        Assert.Equal(1000, (int)seen["listed"]!);
        Assert.Equal("""["ResourceNotFoundException",404,"string"]""", seen["error"]!.ToJsonString());
        Assert.Empty(NewerThanDebian.Select(name => $"iot:{name}").Except(host.Called));
    }

    /// <summary>Installs what package-lock.json names, once.</summary>
    private static async Task<bool> IsInstalledAsync() =>
        File.Exists(Path.Combine(Folder, "node_modules", ".package-lock.json"))
        || await ClientProcess.SucceedsAsync("npm", "ci", "--prefix", Folder, "--no-audit", "--no-fund");
}
