using CdfProvisioning.Iot;
using CdfProvisioning.Keys;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>Each change of which a plan tells, and none that would not be made.</summary>
public sealed class PlannedChangesTests : IAsyncLifetime
{
    private Factory _factory = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _factory = await Factory.OpenAsync();

    public async ValueTask DisposeAsync() => await _factory.DisposeAsync();

    [Fact]
    public async Task A_new_device_is_told_with_all_that_comes_with_it()
    {
        await _factory.InvokeAsync(new CreateBillingGroupRequest("plant"));

        var plan = await PlanAsync(
            """ "ThingTypeName": "sensor", "AttributePayload": { "site": "Ulm", "line": "1" }, "ThingGroups": [ "sensors", "spares" ], "BillingGroup": "plant" """,
            certificate: """ "CertificateSigningRequest": { "Ref": "CSR" }, "Status": "INACTIVE" """, policies: true);

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
        await _factory.InvokeAsync(new CreateThingRequest("a", "actor", new AttributePayload(new Dictionary<string, string> { ["site"] = "Bonn", ["floor"] = "2" })));
        await _factory.InvokeAsync(new AddThingToThingGroupRequest("spares", ThingName: "a"));
        const string properties = """ "ThingTypeName": "sensor", "AttributePayload": { "site": "Ulm" }, "ThingGroups": [ "sensors" ] """;

        var plan = await PlanAsync(properties, overrides: "REPLACE");

        Assert.Equal(
            [("ThingType", "actor", "sensor"), ("Attributes.floor", "2", null), ("Attributes.site", "Bonn", "Ulm"), ("ThingGroup", "spares", null), ("ThingGroup", null, "sensors")],
            Changes(plan));
        Assert.Equal((PlannedOutcome.Changed, true), (plan.Outcome, plan.ThingExists));
        Assert.Equal(["sensors"], plan.Groups);

        await _factory.Connection.Things.ProvisionAsync(await RequestAsync(properties, "REPLACE"), Cancellation);
        plan = await PlanAsync(properties, overrides: "REPLACE");
        Assert.Equal(PlannedOutcome.Same, plan.Outcome);
        Assert.Empty(plan.Changes);
    }

    [Fact]
    public async Task What_becomes_of_a_certificate_that_is_registered_already_is_told()
    {
        var certificate = (await _factory.InvokeAsync(new RegisterCertificateWithoutCARequest(Make.ForeignCertificate("a"), CertificateStatus.Inactive)))!;
        string Properties(string more) => $"\"CertificateId\": \"{certificate.CertificateId}\"{more}";
        var known = $"certificate {certificate.CertificateId}";

        var unattached = await PlanAsync("", Properties(""), policies: true, statusOverride: "REPLACE");
        Assert.Equal(
            [("Thing", null, "a"), ("Certificate", null, $"{known}, ACTIVE"), ("Certificate.Status", "INACTIVE", "ACTIVE"), ("Certificate.Policy", null, "sensors"), ("Policy", null, "own"), ("Certificate.Policy", null, "own")],
            Changes(unattached));

        await _factory.InvokeAsync(new CreateThingRequest("a"));
        await _factory.InvokeAsync(new AttachThingPrincipalRequest("a", certificate.CertificateArn!));
        await _factory.InvokeAsync(new AttachPolicyRequest("sensors", certificate.CertificateArn!));
        var attached = await PlanAsync("", Properties(", \"ThingPrincipalType\": \"EXCLUSIVE_THING\""), policies: true);
        Assert.Equal([("Certificate.ThingPrincipalType", "NON_EXCLUSIVE_THING", "EXCLUSIVE_THING"), ("Policy", null, "own"), ("Certificate.Policy", null, "own")], Changes(attached));
        Assert.Equal((PlannedOutcome.Changed, 1, known), (attached.Outcome, attached.CertificateCount, attached.Certificate));
    }

    [Fact]
    public async Task A_plan_that_would_fail_tells_of_no_change_and_no_key_file()
    {
        using var keys = KeyDirectory.Open(_factory.KeyFolder, "registry");
        var request = await _factory.RequestAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");

        var good = await _factory.Connection.Things.PlanAsync(request, keys, Cancellation);
        Assert.Equal((PlannedOutcome.New, true, keys.FileOf("a")), (good.Outcome, good.MakesKey, good.KeyFile));
        Assert.NotEmpty(good.Changes);

        request = await _factory.RequestAsync(ExtensionTemplates.All["createDeviceCertificate"].Replace("\"sensor\"", "\"no-type\"", StringComparison.Ordinal), "a");
        var bad = await _factory.Connection.Things.PlanAsync(request, keys, Cancellation);
        Assert.Equal((PlannedOutcome.Bad, true, null), (bad.Outcome, bad.MakesKey, bad.KeyFile));
        Assert.Empty(bad.Changes);
        Assert.Single(bad.Problems);
    }

    private async Task<ProvisionPlan> PlanAsync(string properties, string? certificate = null, bool policies = false, string? overrides = null, string statusOverride = "DO_NOTHING") =>
        await _factory.Connection.Things.PlanAsync(await RequestAsync(properties, overrides, certificate, policies, statusOverride), Cancellation);

    private Task<ProvisionRequest> RequestAsync(string properties, string? overrides, string? certificate = null, bool policies = false, string statusOverride = "DO_NOTHING") => _factory.RequestAsync(
        $$"""
        {
          "Parameters": { "ThingName": { "Type": "String" }, "CSR": { "Type": "String" } },
          "Resources": {
            "thing": {
              "Type": "AWS::IoT::Thing",
              "Properties": { "ThingName": { "Ref": "ThingName" }{{(properties.Length > 0 ? ", " + properties : "")}} }
              {{(overrides is null ? "" : $$""", "OverrideSettings": { "AttributePayload": "{{overrides}}", "ThingTypeName": "{{overrides}}", "ThingGroups": "{{overrides}}" }""")}}
            }
            {{(certificate is null ? "" : $$""", "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { {{certificate}} }, "OverrideSettings": { "Status": "{{statusOverride}}" } }""")}}
            {{(policies ? $$""", "policy": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "sensors" } }, "own": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "own", "PolicyDocument": {{System.Text.Json.JsonSerializer.Serialize(Make.PolicyDocument("iot:Publish"))}} } }""" : "")}}
          }
        }
        """,
        "a");

    private static IEnumerable<(string, string?, string?)> Changes(ProvisionPlan plan) => plan.Changes.Select(change => (change.Property, change.From, change.To));
}
