using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>A template beside the registry in which it is to be used, and what must make every device of a list fail.</summary>
public sealed class TemplateInspectorTests
{
    private const string Naming = """
        {
          "Resources": {
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": "t", "ThingTypeName": "TYPE", "ThingGroups": [ "GROUP" ], "BillingGroup": "BILLING" } },
            "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateSigningRequest": "csr" } },
            "policy": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "POLICY" } }
          }
        }
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_template_names_and_the_registry_has_is_no_problem()
    {
        await using var factory = await Factory.OpenAsync();
        await factory.InvokeAsync(new CreateBillingGroupRequest("west"));
        Assert.Empty(await InspectAsync(factory, With("sensor", "sensors", "west", "sensors")));
    }

    [Fact]
    public async Task What_it_names_and_the_registry_lacks_is_warned_of_in_the_order_of_the_text()
    {
        await using var factory = await Factory.OpenAsync();
        var problems = await InspectAsync(factory, With("no-type", "no-group", "no-billing", "no-policy").Replace("\"t\"", "1", StringComparison.Ordinal));
        Assert.All(problems, p => Assert.Equal(TemplateProblemSeverity.Warning, p.Severity));
        Assert.Equal(
            [
                ("$.Resources.thing.Properties.ThingName", 3), ("$.Resources.thing.Properties.ThingTypeName", 3), ("$.Resources.thing.Properties.ThingGroups[0]", 3),
                ("$.Resources.thing.Properties.BillingGroup", 3), ("$.Resources.policy.Properties.PolicyName", 5),
            ],
            problems.Select(p => (p.Path, p.Line)));
        Assert.Equal(
            [
                "There is no thing type 'no-type': New-CdfThingType makes one. Registrations will fail without.",
                "There is no thing group 'no-group': New-CdfThingGroup makes one. Registrations will fail without.",
                "There is no billing group 'no-billing'. Registrations will fail without.",
                "There is no policy 'no-policy': New-CdfPolicy makes one. Registrations will fail without.",
            ],
            problems.Skip(1).Select(p => p.Message));
    }

    [Fact]
    public async Task A_deprecated_type_is_warned_of()
    {
        await using var factory = await Factory.OpenAsync();
        await factory.InvokeAsync(new CreateBillingGroupRequest("west"));
        await factory.InvokeAsync(new DeprecateThingTypeRequest("sensor"));
        Assert.Equal("Thing type 'sensor' is deprecated: new things cannot have it.", Assert.Single(await InspectAsync(factory, With("sensor", "sensors", "west", "sensors"))).Message);
    }

    [Fact]
    public async Task Of_a_template_that_cannot_be_used_the_registry_is_not_asked()
    {
        await using var factory = await Factory.OpenAsync();
        var registry = new UnreliableRegistry(factory.Connection.Registry);
        var problems = await new TemplateInspector(registry).InspectAsync(With("no type", "no-group", "west", "sensors"), Cancellation);
        Assert.Equal(TemplateProblemSeverity.Error, Assert.Single(problems).Severity);
        Assert.Equal(0, registry.Calls);
    }

    [Fact]
    public async Task A_list_none_of_whose_devices_could_be_registered_is_refused_as_a_whole()
    {
        await using var factory = await Factory.OpenAsync();
        var error = await Assert.ThrowsAsync<CdfException>(async () => await CheckAsync(factory, With("sensor", "no-group", "no-billing", "sensors"), null));
        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.Equal(
            "Every device of the list would fail, and so none is registered: There is no billing group 'no-billing'. There is no thing group 'no-group': New-CdfThingGroup makes one.",
            error.Message);
    }

    [Fact]
    public async Task So_is_one_whose_devices_all_lack_what_an_extension_needs()
    {
        await using var factory = await Factory.OpenAsync();
        var template = ExtensionTemplates.All["createDeviceCertificate"];
        var device = Device(("cdf.certInfo.commonName", "a"));
        var error = await Assert.ThrowsAsync<CdfException>(async () => await CheckAsync(factory, template, null, device, device));
        Assert.Contains("'caId'", error.Message, StringComparison.Ordinal);

        await CheckAsync(factory, template, new() { CaId = factory.Ca.CaId }, device, device);
        await CheckAsync(factory, template, null, device, Device(("cdf.caId", factory.Ca.CaId), ("cdf.certInfo.commonName", "b")));
        await CheckAsync(factory, template, null, Device(("cdf.nothing", "1")));
        await CheckAsync(factory, template, null);
    }

    private static Dictionary<string, string> Device(params (string Name, string Value)[] parameters) =>
        parameters.Prepend((Name: "ThingName", Value: "a")).ToDictionary(p => p.Name, p => p.Value);

    private static async Task<IReadOnlyList<TemplateProblem>> InspectAsync(Factory factory, string body) =>
        await new TemplateInspector(factory.Connection.Registry).InspectAsync(body, Cancellation);

    private static async Task CheckAsync(Factory factory, string template, CdfProvisioningParameters? common, params IReadOnlyDictionary<string, string>[] devices) =>
        await factory.Provisioner.CreateCommonCheck().CheckAsync(ProvisioningTemplate.Compile(template), common, devices, Cancellation);

    private static string With(string type, string group, string billingGroup, string policy) => Naming
        .Replace("TYPE", type, StringComparison.Ordinal).Replace("GROUP", group, StringComparison.Ordinal)
        .Replace("BILLING", billingGroup, StringComparison.Ordinal).Replace("POLICY", policy, StringComparison.Ordinal);
}
