using CdfProvisioning.Devices;
using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Registry;

public sealed class AuthorizationTests : RegistryTestBase
{
    [Fact]
    public async Task The_effective_policies_of_a_device_are_its_certificates_and_those_of_its_groups_and_the_groups_above()
    {
        var certificate = await DeviceAsync("sensor-1");
        foreach (var policy in new[] { "own", "group", "top", "elsewhere" })
            await InvokeAsync(new CreatePolicyRequest(policy, TestRegistry.PolicyDocument));
        await InvokeAsync(new CreateThingGroupRequest("above"));
        await InvokeAsync(new CreateThingGroupRequest("within", "above"));
        await InvokeAsync(new AddThingToThingGroupRequest(ThingName: "sensor-1", ThingGroupName: "within"));
        await InvokeAsync(new AttachPolicyRequest("own", certificate));
        await InvokeAsync(new AttachPolicyRequest("group", $"{TestRegistry.Arn}:thinggroup/within"));
        await InvokeAsync(new AttachPolicyRequest("top", $"{TestRegistry.Arn}:thinggroup/above"));

        Assert.Equal(["own", "group", "top"], await EffectiveAsync(new(certificate)));
        Assert.Equal(["group", "top"], await EffectiveAsync(new(ThingName: "sensor-1")));
        Assert.Equal(["own", "group", "top"], await EffectiveAsync(new(certificate, ThingName: "sensor-1")));
        Assert.Equal(["top"], await EffectiveAsync(new($"{TestRegistry.Arn}:thinggroup/above")));
        await RefusedAsync("InvalidRequestException", new GetEffectivePoliciesRequest());
        await RefusedAsync("ResourceNotFoundException", new GetEffectivePoliciesRequest(ThingName: "nobody"));

        async Task<IEnumerable<string?>> EffectiveAsync(GetEffectivePoliciesRequest request) =>
            (await InvokeAsync(request)).EffectivePolicies!.Select(p => p.PolicyName);
    }

    [Fact]
    public async Task An_authorization_is_tested_before_a_device_needs_it()
    {
        var certificate = await DeviceAsync("sensor-1");
        await InvokeAsync(new CreatePolicyRequest("own", $$$"""
            {"Version":"2012-10-17","Statement":[
              {"Effect":"Allow","Action":"iot:Publish","Resource":"{{{TestRegistry.Arn}}}:topic/${iot:Connection.Thing.ThingName}/*"},
              {"Effect":"Deny","Action":"iot:Publish","Resource":"{{{TestRegistry.Arn}}}:topic/*/secret"}]}
            """));
        await InvokeAsync(new CreatePolicyRequest("all", TestRegistry.PolicyDocument));
        await InvokeAsync(new AttachPolicyRequest("own", certificate));

        Assert.Equal(("ALLOWED", "own", ""), await TestAsync(new([Publish("sensor-1/data")], certificate, ClientId: "sensor-1")));
        Assert.Equal(("EXPLICIT_DENY", "own", "own"), await TestAsync(new([Publish("sensor-1/secret")], certificate, ClientId: "sensor-1")));
        Assert.Equal(("IMPLICIT_DENY", "", ""), await TestAsync(new([Publish("sensor-2/data")], certificate, ClientId: "sensor-1")));
        Assert.Equal(("IMPLICIT_DENY", "own", ""), await TestAsync(new([Publish("sensor-1/data", "sensor-2/data")], certificate, ClientId: "sensor-1")));
        Assert.Equal(("ALLOWED", "all", ""), await TestAsync(new([Publish("x")], certificate, ClientId: "other", PolicyNamesToAdd: ["all"], PolicyNamesToSkip: ["own"])));
        var unnamed = await InvokeAsync(new TestAuthorizationRequest([Publish("sensor-1/data")], certificate, ClientId: "other"));
        Assert.Equal(["iot:Connection.Thing.ThingName"], unnamed.AuthResults![0].MissingContextValues);
        await RefusedAsync("InvalidRequestException", new TestAuthorizationRequest([], certificate));
        await RefusedAsync("InvalidRequestException", new TestAuthorizationRequest([new(["x"], "READ")], certificate));
        await RefusedAsync("ResourceNotFoundException", new TestAuthorizationRequest([Publish("x")], certificate, PolicyNamesToAdd: ["nothing"]));

        async Task<(string?, string, string)> TestAsync(TestAuthorizationRequest request)
        {
            var result = Assert.Single((await InvokeAsync(request)).AuthResults!);
            return (result.AuthDecision, Names(result.Allowed!.Policies), Names(result.Denied!.ExplicitDeny!.Policies));
        }

        static string Names(IReadOnlyList<Policy>? policies) => string.Join(',', policies!.Select(p => p.PolicyName));

        static AuthInfo Publish(params string[] topics) => new([.. topics.Select(t => $"{TestRegistry.Arn}:topic/{t}")], "PUBLISH");
    }

    /// <summary>AWS IoT Developer Guide: thing policy variables, and exclusive things.</summary>
    [Fact]
    public async Task A_device_is_its_thing_by_client_id_or_where_its_certificate_is_exclusive()
    {
        var certificate = await DeviceAsync("sensor-1");
        await InvokeAsync(new CreatePolicyRequest("own", """
            {"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iot:Connect","Resource":"*","Condition":{"Bool":{"iot:Connection.Thing.IsAttached":"true"},"StringEquals":{"iot:Connection.Thing.Attributes[site]":"ulm"}}}}
            """));
        await InvokeAsync(new AttachPolicyRequest("own", certificate));
        Assert.True(await MayConnectAsync("sensor-1"));
        Assert.False(await MayConnectAsync("other"));

        await InvokeAsync(new AttachThingPrincipalRequest("sensor-1", certificate, "EXCLUSIVE_THING"));
        Assert.True(await MayConnectAsync("other"));

        async Task<bool> MayConnectAsync(string clientId) => (await PolicyTest.OfThingAsync(
            Registry.Registry, "sensor-1", clientId, "iot:Connect", $"{TestRegistry.Arn}:client/{clientId}", new(), TestContext.Current.CancellationToken).SingleAsync(TestContext.Current.CancellationToken)).Allowed;
    }

    private async Task<string> DeviceAsync(string name)
    {
        var certificate = await Registry.CreateCertificateAsync(active: true);
        await InvokeAsync(new CreateThingRequest(name, AttributePayload: Attributes(("site", "ulm"))));
        await InvokeAsync(new AttachThingPrincipalRequest(name, certificate));
        return certificate;
    }
}
