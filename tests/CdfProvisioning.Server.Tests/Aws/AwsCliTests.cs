using System.Text.Json.Nodes;
using Xunit;

namespace CdfProvisioning.Tests.Aws;

/// <summary>What the AWS CLI sees of tags, the index, policies and fleet provisioning. Each call takes about a second, so a test does a session.</summary>
public sealed class AwsCliTests : IAsyncLifetime
{
    private const string Everything = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]}""";

    private AwsHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(await ClientProcess.SucceedsAsync("aws", "--version"), "The AWS CLI is not installed.");
        _host = await AwsHost.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
    }

    [Fact]
    public async Task Things_are_found_by_what_they_are_and_grouped_by_it()
    {
        await AwsAsync("create-thing", "--thing-name", "sensor-1", "--attribute-payload", "attributes={site=ulm}");
        await AwsAsync("create-thing", "--thing-name", "sensor-2", "--attribute-payload", "attributes={site=bonn}");
        var group = await AwsAsync("create-dynamic-thing-group", "--thing-group-name", "ulm", "--query-string", "attributes.site:ulm", "--tags", "Key=stage,Value=test");

        Assert.Equal("sensor-1", (string?)(await AwsAsync("search-index", "--query-string", "attributes.site:u* AND thingName:sensor-*"))["things"]![0]!["thingName"]);
        Assert.Equal("""["sensor-1"]""", (await AwsAsync("list-things-in-thing-group", "--thing-group-name", "ulm"))["things"]!.ToJsonString());
        await AwsAsync("tag-resource", "--resource-arn", (string)group["thingGroupArn"]!, "--tags", "Key=team,Value=field");
        await AwsAsync("untag-resource", "--resource-arn", (string)group["thingGroupArn"]!, "--tag-keys", "stage");
        Assert.Equal("""[{"Key":"team","Value":"field"}]""", (await AwsAsync("list-tags-for-resource", "--resource-arn", (string)group["thingGroupArn"]!))["tags"]!.ToJsonString());
        Assert.Equal(2, (int)(await AwsAsync("get-statistics", "--query-string", "thingName:*"))["statistics"]!["count"]!);
        Assert.Equal("REGISTRY", (string?)(await AwsAsync("get-indexing-configuration"))["thingIndexingConfiguration"]!["thingIndexingMode"]);
    }

    [Fact]
    public async Task A_policy_is_tried_out_and_a_fleet_template_made()
    {
        await AwsAsync("create-policy", "--policy-name", "all", "--policy-document", Everything);
        var certificate = (string)(await AwsAsync("create-keys-and-certificate", "--set-as-active"))["certificateArn"]!;
        await AwsAsync("attach-policy", "--policy-name", "all", "--target", certificate);

        var tried = await AwsAsync("test-authorization", "--principal", certificate, "--auth-infos", "actionType=PUBLISH,resources=arn:aws:iot:us-east-1:123456789012:topic/x");
        Assert.Equal("ALLOWED", (string?)tried["authResults"]![0]!["authDecision"]);
        Assert.Equal("all", (string?)(await AwsAsync("get-effective-policies", "--principal", certificate))["effectivePolicies"]![0]!["policyName"]);

        await AwsAsync(
            "create-provisioning-template", "--template-name", "fleet", "--enabled", "--provisioning-role-arn", "arn:aws:iam::123456789012:role/fleet", "--template-body",
            """{"Parameters":{"SerialNumber":{"Type":"String"}},"Resources":{"thing":{"Type":"AWS::IoT::Thing","Properties":{"ThingName":{"Ref":"SerialNumber"}}}}}""");
        Assert.Equal("FLEET_PROVISIONING", (string?)(await AwsAsync("describe-provisioning-template", "--template-name", "fleet"))["type"]);
        Assert.StartsWith("-----BEGIN", (string?)(await AwsAsync("create-provisioning-claim", "--template-name", "fleet"))["keyPair"]!["PrivateKey"]);
    }

    private async Task<JsonNode> AwsAsync(params string[] arguments)
    {
        var output = await ClientProcess.OutputOfAsync("aws", ["--endpoint-url", _host.Endpoint.AbsoluteUri, "--region", "us-east-1", "--output", "json", "iot", .. arguments]);
        return output.Trim().Length == 0 ? new JsonObject() : JsonNode.Parse(output)!;
    }
}
