using System.Text.Json;
using CdfProvisioning.Iot;
using CdfProvisioning.Keys;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>Each change of which a plan tells, and none that would not be made.</summary>
public sealed class PlannedChangesTests : FactoryTestBase
{
    [Fact]
    public async Task A_new_device_is_told_with_all_that_comes_with_it()
    {
        await Factory.InvokeAsync(new CreateBillingGroupRequest("plant"));

        var plan = await PlanAsync(
            """ "ThingTypeName": "sensor", "AttributePayload": { "site": "Ulm", "line": "1" }, "ThingGroups": [ "sensors", "spares" ], "BillingGroup": "plant" """,
            more: $"{Certificate(""" "CertificateSigningRequest": { "Ref": "CSR" }, "Status": "INACTIVE" """)}, {Policies}");

        Assert.Equal(
            [
                ("Thing", null, "a"), ("ThingType", null, "sensor"), ("Attributes.line", null, "1"), ("Attributes.site", null, "Ulm"),
                ("ThingGroup", null, "sensors"), ("ThingGroup", null, "spares"), ("BillingGroup", null, "plant"),
                ("Certificate", null, "a certificate from the CSR, INACTIVE"),
                ("Certificate.Policy", null, "sensors"), ("Policy", null, "own"), ("Certificate.Policy", null, "own"),
            ],
            Changes(plan));
        Assert.Equal((PlannedOutcome.New, false, 0, "plant", "a certificate from the CSR"), (plan.Outcome, plan.ThingExists, plan.CertificateCount, plan.BillingGroup, plan.Certificate));
        Assert.Equal(["sensors", "spares"], plan.Groups);
        Assert.Equal((false, null, "INACTIVE"), (plan.MakesKey, plan.KeyFile, plan.CertificateStatus));
    }

    [Fact]
    public async Task Of_a_device_that_exists_what_differs_is_told_and_nothing_once_it_is_registered()
    {
        await Factory.InvokeAsync(new CreateThingRequest("a", "actor", new AttributePayload(new Dictionary<string, string> { ["site"] = "Bonn", ["floor"] = "2" })));
        await Factory.InvokeAsync(new AddThingToThingGroupRequest("spares", ThingName: "a"));
        const string properties = """ "ThingTypeName": "sensor", "AttributePayload": { "site": "Ulm" }, "ThingGroups": [ "sensors" ] """;

        const string replace = """ "AttributePayload": "REPLACE", "ThingTypeName": "REPLACE", "ThingGroups": "REPLACE" """;

        var plan = await PlanAsync(properties, replace);

        Assert.Equal(
            [("ThingType", "actor", "sensor"), ("Attributes.floor", "2", null), ("Attributes.site", "Bonn", "Ulm"), ("ThingGroup", "spares", null), ("ThingGroup", null, "sensors")],
            Changes(plan));
        Assert.Equal((PlannedOutcome.Changed, true), (plan.Outcome, plan.ThingExists));
        Assert.Equal(["sensors"], plan.Groups);

        await Factory.Connection.Things.ProvisionAsync(await RequestAsync(properties, replace), Cancellation);
        plan = await PlanAsync(properties, replace);
        Assert.Equal(PlannedOutcome.Same, plan.Outcome);
        Assert.Empty(plan.Changes);
    }

    [Fact]
    public async Task What_becomes_of_a_certificate_that_is_registered_already_is_told()
    {
        var certificate = (await Factory.InvokeAsync(new RegisterCertificateWithoutCARequest(Make.ForeignCertificate("a"), CertificateStatus.Inactive)))!;
        var id = $"\"CertificateId\": \"{certificate.CertificateId}\"";
        var known = $"certificate {certificate.CertificateId}";

        var unattached = await PlanAsync("", more: $"{Certificate(id, "REPLACE")}, {Policies}");
        Assert.Equal(
            [("Thing", null, "a"), ("Certificate", null, $"{known}, ACTIVE"), ("Certificate.Status", "INACTIVE", "ACTIVE"), ("Certificate.Policy", null, "sensors"), ("Policy", null, "own"), ("Certificate.Policy", null, "own")],
            Changes(unattached));

        await Factory.InvokeAsync(new CreateThingRequest("a"));
        await Factory.InvokeAsync(new AttachThingPrincipalRequest("a", certificate.CertificateArn!));
        await Factory.InvokeAsync(new AttachPolicyRequest("sensors", certificate.CertificateArn!));
        var attached = await PlanAsync("", more: $"{Certificate($"{id}, \"ThingPrincipalType\": \"EXCLUSIVE_THING\"")}, {Policies}");
        Assert.Equal([("Certificate.ThingPrincipalType", "NON_EXCLUSIVE_THING", "EXCLUSIVE_THING"), ("Policy", null, "own"), ("Certificate.Policy", null, "own")], Changes(attached));
        Assert.Equal((PlannedOutcome.Changed, 1, known), (attached.Outcome, attached.CertificateCount, attached.Certificate));
    }

    [Fact]
    public async Task A_plan_that_would_fail_tells_of_no_change_and_no_key_file()
    {
        using var keys = KeyDirectory.Open(Factory.KeyFolder, "registry");
        var request = await Factory.RequestAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");

        var good = await Factory.Connection.Things.PlanAsync(request, keys, Cancellation);
        Assert.Equal((PlannedOutcome.New, true, keys.FileOf("a")), (good.Outcome, good.MakesKey, good.KeyFile));
        Assert.NotEmpty(good.Changes);

        request = await Factory.RequestAsync(ExtensionTemplates.All["createDeviceCertificate"].Replace("\"sensor\"", "\"no-type\"", StringComparison.Ordinal), "a");
        var bad = await Factory.Connection.Things.PlanAsync(request, keys, Cancellation);
        Assert.Equal((PlannedOutcome.Bad, true, null), (bad.Outcome, bad.MakesKey, bad.KeyFile));
        Assert.Empty(bad.Changes);
        Assert.Single(bad.Problems);
    }

    private async Task<ProvisionPlan> PlanAsync(string properties, string? overrides = null, string? more = null) => await PlanAsync(await RequestAsync(properties, overrides, more));

    private static string Certificate(string properties, string statusOverride = "DO_NOTHING") =>
        $$""" "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { {{properties}} }, "OverrideSettings": { "Status": "{{statusOverride}}" } } """;

    /// <summary>One policy that is there, and one that is made.</summary>
    private static string Policies { get; } = $$"""
        "policy": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "sensors" } },
        "own": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "own", "PolicyDocument": {{JsonSerializer.Serialize(Make.PolicyDocument("iot:Publish"))}} } }
        """;

    private static IEnumerable<(string, string?, string?)> Changes(ProvisionPlan plan) => plan.Changes.Select(change => (change.Property, change.From, change.To));
}
