using System.Text.Json;
using CdfProvisioning.Iot;
using FsCheck.Fluent;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>What the plan of a registration says, beside what the registration does.</summary>
public sealed class PlanTests
{
    public static TheoryData<string> Extensions => [.. ExtensionTemplates.All.Keys];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task What_is_registered_is_what_the_plan_said(string extension)
    {
        await using var factory = await Factory.OpenAsync();
        var request = await factory.RequestAsync(ExtensionTemplates.All[extension], "a");
        var before = await factory.FactsAsync();

        var plan = await factory.Connection.Things.PlanAsync(request, Cancellation);

        Assert.Equal(before, await factory.FactsAsync());
        Assert.Empty(plan.Problems);
        await CheckRegistersAsync(factory, request, plan);
    }

    [Fact]
    public async Task Whatever_is_there_and_whatever_the_override_settings_the_plan_is_right()
    {
        await using var factory = await Factory.OpenAsync();
        var thing = 0;
        var cases =
            from actions in Gen.ListOf(Gen.Elements("REPLACE", "MERGE", "DO_NOTHING", "FAIL", null), 3)
            from there in Gen.SubListOf("site=Bonn", "floor=2", "actor", "spares", "sensors")
            from given in Gen.SubListOf("site=Ulm", "line=1", "sensor", "actor", "spares", "sensors", "missing")
            select (actions, there, given);

        foreach (var (actions, there, given) in cases.Sample(60, 10))
        {
            var name = $"thing-{thing++}";
            if (there.Count > 0)
                await MakeAsync(factory, name, there);
            var type = given.Contains("actor") ? "actor" : given.Contains("sensor") ? "sensor" : null;
            var groups = given.Where(g => g is "spares" or "sensors" or "missing").ToList();
            string Override(int i, string property) => actions[i] is { } action && !(action == "MERGE" && property == "ThingTypeName") ? $"\"{property}\": \"{action}\"" : "";
            var overrides = string.Join(", ", new[] { Override(0, "AttributePayload"), Override(1, "ThingTypeName"), Override(2, "ThingGroups") }.Where(o => o.Length > 0));
            var request = await factory.RequestAsync(
                $$"""
                {
                  "Parameters": { "ThingName": { "Type": "String" } },
                  "Resources": {
                    "thing": {
                      "Type": "AWS::IoT::Thing",
                      "Properties": {
                        "ThingName": { "Ref": "ThingName" }, "AttributePayload": {{JsonSerializer.Serialize(Attributes(given))}}, "ThingGroups": {{JsonSerializer.Serialize(groups)}}
                        {{(type is null ? "" : $", \"ThingTypeName\": \"{type}\"")}}
                      },
                      "OverrideSettings": { {{overrides}} }
                    }
                  }
                }
                """,
                name);
            await CheckRegistersAsync(factory, request, await factory.Connection.Things.PlanAsync(request, Cancellation));
        }
    }

    [Fact]
    public async Task Everything_that_would_fail_is_told()
    {
        await using var factory = await Factory.OpenAsync();
        await factory.InvokeAsync(new CreateThingRequest("a"));
        const string template = """
            {
              "Parameters": { "ThingName": { "Type": "String" }, "CertificatePem": { "Type": "String" }, "CaCertificatePem": { "Type": "String" } },
              "Resources": {
                "thing": {
                  "Type": "AWS::IoT::Thing",
                  "Properties": { "ThingName": { "Ref": "ThingName" }, "ThingTypeName": "no-type", "ThingGroups": [ "no-group" ] },
                  "OverrideSettings": { "ThingTypeName": "REPLACE", "ThingGroups": "FAIL" }
                },
                "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificatePem": { "Ref": "CertificatePem" }, "CACertificatePem": { "Ref": "CaCertificatePem" } } },
                "policy": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "no-policy" } },
                "taken": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "sensors", "PolicyDocument": { "Statement": [] } } }
              },
              "CDF": { "createDeviceCertificate": true, "attachAdditionalPolicies": [ { "name": "sensors", "document": "{\"Statement\":[]}" } ] }
            }
            """;

        var plan = await factory.Connection.Things.PlanAsync(await factory.RequestAsync(template, "a", new CdfProvisioningParameters()), Cancellation);

        Assert.True(plan.ThingExists);
        Assert.Equal(6, plan.Problems.Count);
        foreach (var what in new[] { "'caId'", "no-type", "'no-group'", "FAIL", "'no-policy'", "'sensors'" })
            Assert.Contains(plan.Problems, problem => problem.Contains(what, StringComparison.Ordinal));
    }

    private static Dictionary<string, string> Attributes(IEnumerable<string> facts) =>
        facts.Where(f => f.Contains('=', StringComparison.Ordinal)).ToDictionary(f => f.Split('=')[0], f => f.Split('=')[1]);

    private static async Task MakeAsync(Factory factory, string name, IReadOnlyCollection<string> facts)
    {
        await factory.InvokeAsync(new CreateThingRequest(name, facts.Contains("actor") ? "actor" : null, new AttributePayload(Attributes(facts))));
        foreach (var group in facts.Where(f => f is "spares" or "sensors"))
            await factory.InvokeAsync(new AddThingToThingGroupRequest(group, ThingName: name));
    }

    private static async Task CheckRegistersAsync(Factory factory, ProvisionRequest request, ProvisionPlan plan)
    {
        try
        {
            await factory.Connection.Things.ProvisionAsync(request, Cancellation);
        }
        catch (CdfException e)
        {
            Assert.True(plan.Problems.Count > 0, $"{plan} fails: {e.Message}");
            return;
        }

        Assert.Empty(plan.Problems);
        var thing = await factory.Connection.Things.GetAsync(plan.ThingName!, Cancellation);
        Assert.Equal(plan.ThingType, thing.ThingType);
        Assert.Equal(plan.Attributes.OrderBy(a => a.Key), thing.Attributes.OrderBy(a => a.Key));
        Assert.Equal(plan.Groups.Order(), thing.Groups.Select(g => g.GroupName).Order());
        Assert.Equal(plan.CertificateStatus, thing.Certificates.SingleOrDefault()?.CertificateStatus);
        Assert.Equal(plan.Policies.Order(), thing.Policies.Select(p => p.PolicyName).Order());
    }
}
