using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>What is found and told of things, and what becomes of their certificates.</summary>
public sealed class ThingServiceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Things_are_found_by_type_group_and_attributes_at_once()
    {
        await using var factory = await FilledAsync();
        Assert.Equal("ulm-1 ulm-2 ulm-3 bonn-1 plain", await FoundAsync(factory));
        Assert.Equal("ulm-1 ulm-3 bonn-1", await FoundAsync(factory, type: "sensor"));
        Assert.Equal("ulm-1 ulm-2 ulm-3", await FoundAsync(factory, attributes: [("site", "Ulm")]));
        Assert.Equal("ulm-1", await FoundAsync(factory, type: "sensor", attributes: [("site", "Ulm"), ("floor", "2")]));
        Assert.Equal("", await FoundAsync(factory, attributes: [("site", "Ulm"), ("floor", "3")]));
        Assert.Equal("ulm-1 bonn-1", await FoundAsync(factory, group: "sensors"));
        Assert.Equal("ulm-1 ulm-2 ulm-3 bonn-1", await FoundAsync(factory, group: "sensors", recurse: true));
        Assert.Equal("ulm-1 ulm-3 bonn-1", await FoundAsync(factory, type: "sensor", group: "sensors", recurse: true));
        Assert.Equal("ulm-1 ulm-2 ulm-3", await FoundAsync(factory, group: "sensors", recurse: true, attributes: [("site", "Ulm")]));
        Assert.Equal("ulm-1", await FoundAsync(factory, type: "sensor", group: "sensors", recurse: true, attributes: [("site", "Ulm"), ("floor", "2")]));
        Assert.Equal("", await FoundAsync(factory, group: "sensors", attributes: [("colour", "red")]));
    }

    [Fact]
    public async Task A_thing_is_told_with_all_that_hangs_on_it()
    {
        await using var factory = await FilledAsync();
        await factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "ulm-2");
        await factory.InvokeAsync(new CreateBillingGroupRequest("west"));
        await factory.InvokeAsync(new AddThingToBillingGroupRequest("west", ThingName: "ulm-2"));

        var thing = await factory.Connection.Things.GetAsync("ulm-2", Cancellation);

        Assert.Equal(("ulm-2", "sensor", "west"), (thing.ThingName, thing.ThingType, thing.BillingGroup));
        Assert.EndsWith(":thing/ulm-2", thing.Arn, StringComparison.Ordinal);
        Assert.Equal("Ulm", thing.Attributes["site"]);
        var certificate = Assert.Single(thing.Certificates);
        Assert.EndsWith($":cert/{certificate.CertificateId}", certificate.Arn, StringComparison.Ordinal);
        Assert.Equal(thing.Policies.Select(p => p.PolicyName).Order(StringComparer.Ordinal), thing.Policies.Select(p => p.PolicyName));
        Assert.All(thing.Policies, p => Assert.EndsWith($":policy/{p.PolicyName}", p.Arn, StringComparison.Ordinal));
        var group = Assert.Single(thing.Groups);
        Assert.Equal("sensors", group.GroupName);

        var below = Assert.Single((await factory.Connection.Things.GetAsync("ulm-3", Cancellation)).Groups);
        Assert.Equal(["sensors", "floor"], below.Ancestors);
        Assert.Equal("2", below.Attributes["level"]);
        Assert.EndsWith(":thinggroup/room", below.Arn, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thing_ends_with_the_last_of_its_active_certificates()
    {
        await using var factory = await Factory.OpenAsync();
        await factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");
        var inactive = await factory.Connection.Things.GetAsync("a", Cancellation);
        Assert.Null(inactive.NotAfter);
        Assert.Null(inactive.DaysLeft);

        await factory.Connection.Things.SetCertificateStatusAsync("a", "ACTIVE", Cancellation);
        var thing = await factory.Connection.Things.GetAsync("a", Cancellation);
        var end = ParsedCertificate.FromPem(thing.Certificates[0].CertificatePem!, "The certificate").NotAfter;
        Assert.Equal(end, thing.NotAfter);
        Assert.Equal((int)Math.Floor((end - DateTimeOffset.UtcNow).TotalDays), thing.DaysLeft);
        Assert.Null(new ThingCertificate("id", null, "ACTIVE", "no PEM").NotAfter);
        Assert.Null(new ThingCertificate("id", null, "ACTIVE", null).NotAfter);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_certificate_of_a_thing_gets_the_status(bool hasTransactions)
    {
        await using var factory = await Factory.OpenAsync();
        await factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");
        await factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");
        await factory.InvokeAsync(new CreateThingRequest("bare"));
        var things = factory.ThingsOver(hasTransactions);

        var changes = await things.SetCertificateStatusOfEachAsync(["a", "nosuch", "bare"], "ACTIVE", Cancellation).ToListAsync(Cancellation);

        Assert.Equal([("a", null), ("nosuch", CdfErrorCode.NotFound), ("bare", CdfErrorCode.NotFound)], changes.Select(c => (c.ThingName, c.Failure?.Code)));
        Assert.Contains("'bare' has no certificate", changes[2].Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(["ACTIVE", "ACTIVE"], (await things.GetAsync("a", Cancellation)).Certificates.Select(c => c.CertificateStatus));
        Assert.Equal(CdfErrorCode.NotFound, (await Assert.ThrowsAsync<CdfException>(async () => await things.SetCertificateStatusAsync("nosuch", "ACTIVE", Cancellation))).Code);
        await things.CheckHasCertificateAsync("a", Cancellation);
        Assert.Equal(CdfErrorCode.NotFound, (await Assert.ThrowsAsync<CdfException>(async () => await things.CheckHasCertificateAsync("bare", Cancellation))).Code);
    }

    [Fact]
    public async Task A_status_that_nobody_can_set_is_refused()
    {
        await using var factory = await Factory.OpenAsync();
        var error = await Assert.ThrowsAsync<CdfException>(async () => await factory.Connection.Things.SetCertificateStatusAsync("a", "PENDING_TRANSFER", Cancellation));
        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.Contains("'PENDING_TRANSFER'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_a_thing_goes_it_is_said_what_goes_with_it_and_what_stays()
    {
        await using var factory = await Factory.OpenAsync();
        const string template = """
            {
              "Parameters": { "ThingName": { "Type": "String" }, "CSR": { "Type": "String" } },
              "Resources": {
                "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" } } },
                "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificateSigningRequest": { "Ref": "CSR" } } },
                "shared": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "sensors" } },
                "own": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": { "Fn::Sub": "of-${ThingName}" }, "PolicyDocument": "{\"Version\":\"2012-10-17\",\"Statement\":[]}" } }
              }
            }
            """;
        var own = (await factory.ProvisionAsync(template, "a")).CertificateId!;
        var other = (await factory.ProvisionAsync(template, "b")).ResourceArns["certificate"];
        await factory.InvokeAsync(new AttachThingPrincipalRequest("a", other));
        await factory.InvokeAsync(new CreateThingRequest("bare"));
        var before = await factory.FactsAsync();
        var (mine, others) = (own[..8], Arn.CertificateId(other)![..8]);

        Assert.Equal(
            $"a; deleted with it: certificate {mine}; detached, and stays: certificate {others}; deleted with it: policy of-a; stays: policy of-b, sensors",
            await SaidAsync("a", true, true));
        Assert.Equal(
            $"a; deleted with it: certificate {mine}; detached, and stays: certificate {others}; stays: policy of-a, of-b, sensors", await SaidAsync("a", true, false));
        Assert.Equal(["deleted with it: policy of-a", "stays: policy of-b, sensors"], (await SaidAsync("a", false, true)).Split("; ")[2..]);
        Assert.Contains($"detached, and stays: certificate", await SaidAsync("a", null, null), StringComparison.Ordinal);
        Assert.Equal("bare, which has no certificate", await SaidAsync("bare", true, true));
        Assert.Equal(CdfErrorCode.NotFound, (await Assert.ThrowsAsync<CdfException>(async () => await SaidAsync("nosuch", true, true))).Code);
        Assert.Equal(before, await factory.FactsAsync());

        await factory.Connection.Things.RemoveAsync("a", includeCertificates: true, includePolicies: true, Cancellation);
        var gone = before.Except(await factory.FactsAsync()).Where(RegistryFacts.IsResource).Where(fact => fact.Split(' ').Length == 2);
        Assert.Equal([$"certificate {own}", "policy of-a", "thing a"], gone.Order(StringComparer.Ordinal));

        async Task<string> SaidAsync(string thing, bool? certificates, bool? policies) =>
            await factory.Connection.Things.PlanRemovalAsync(thing, certificates, policies, Cancellation);
    }

    [Fact]
    public async Task What_is_being_detached_is_deleted_a_moment_later()
    {
        await using var factory = await Factory.OpenAsync();
        await factory.ProvisionAsync(ExtensionTemplates.All["CSR"], "a");
        var refusals = new Queue<CdfException>([
            IotErrorType.DeleteConflict.Error("The certificate must be detached first."), IotErrorType.InvalidRequest.Error("The thing has principals ATTACHED to it."),
        ]);
        var registry = new UnreliableRegistry(factory.Connection.Registry)
        {
            LosesCall = request => refusals.Count > 0 && request is DeleteThingRequest ? refusals.Dequeue() : null,
        };
        await factory.ServiceOver(registry).RemoveAsync("a", includeCertificates: false, includePolicies: false, Cancellation);
        Assert.Empty(refusals);
        Assert.DoesNotContain("thing a", await factory.FactsAsync());
    }

    [Fact]
    public async Task Another_refusal_of_a_deletion_is_told_at_once()
    {
        await using var factory = await Factory.OpenAsync();
        await factory.InvokeAsync(new CreateThingRequest("a"));
        var calls = 0;
        var registry = new UnreliableRegistry(factory.Connection.Registry)
        {
            LosesCall = request => request is DeleteThingRequest && calls++ == 0 ? IotErrorType.InvalidRequest.Error("No.") : null,
        };
        Assert.Equal("No.", (await Assert.ThrowsAsync<CdfException>(async () => await factory.ServiceOver(registry).RemoveAsync("a", Cancellation))).Message);
        Assert.Equal(1, calls);
    }

    private static async Task<Factory> FilledAsync()
    {
        var factory = await Factory.OpenAsync();
        await factory.InvokeAsync(new CreateThingGroupRequest("floor", "sensors"));
        await factory.InvokeAsync(new CreateThingGroupRequest("room", "floor", new ThingGroupProperties(AttributePayload: new AttributePayload(new Dictionary<string, string> { ["level"] = "2" }))));
        await MakeAsync("ulm-1", "sensor", "sensors", ("site", "Ulm"), ("floor", "2"));
        await MakeAsync("ulm-2", "actor", "floor", ("site", "Ulm"), ("floor", "2"));
        await MakeAsync("ulm-3", "sensor", "room", ("site", "Ulm"));
        await MakeAsync("bonn-1", "sensor", "sensors", ("site", "Bonn"));
        await factory.InvokeAsync(new CreateThingRequest("plain"));
        return factory;

        async Task MakeAsync(string name, string type, string group, params (string Name, string Value)[] attributes)
        {
            await factory.InvokeAsync(new CreateThingRequest(name, type, new AttributePayload(attributes.ToDictionary(a => a.Name, a => a.Value))));
            await factory.InvokeAsync(new AddThingToThingGroupRequest(group, ThingName: name));
        }
    }

    private static async Task<string> FoundAsync(Factory factory, string? type = null, string? group = null, bool recurse = false, params (string Name, string Value)[] attributes) =>
        string.Join(' ', await factory.Connection.Things.ListNamesAsync(
            type, group, recurse, attributes.Length == 0 ? null : attributes.ToDictionary(a => a.Name, a => a.Value), Cancellation).ToListAsync(Cancellation));
}
