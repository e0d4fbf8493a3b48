using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

public sealed class RemovalTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_device_goes_with_all_that_is_only_its_own(bool hasTransactions)
    {
        await using var factory = await Factory.OpenAsync();
        await factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "b");
        var before = await factory.FactsAsync();
        await factory.ProvisionAsync(ExtensionTemplates.All["acmpca with CA"], "a");
        await factory.InvokeAsync(new CreatePolicyVersionRequest("clientIdEnforcementPolicy_a", Make.PolicyDocument("iot:*"), SetAsDefault: true));

        var things = factory.ThingsOver(hasTransactions);
        await things.RemoveAsync("a", includeCertificates: true, includePolicies: true, Cancellation);

        Assert.Equal(before, await factory.FactsAsync());
    }

    [Fact]
    public async Task What_is_deleted_already_by_a_call_without_an_answer_does_not_keep_the_rest()
    {
        await using var factory = await Factory.OpenAsync();
        await factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "b");
        var before = await factory.FactsAsync();
        await factory.ProvisionAsync(ExtensionTemplates.All["acmpca with CA"], "a");
        await factory.InvokeAsync(new CreatePolicyVersionRequest("clientIdEnforcementPolicy_a", Make.PolicyDocument("iot:*"), SetAsDefault: true));
        var registry = new UnreliableRegistry(factory.Connection.Registry)
        {
            LosesAnswer = request => request is DeleteThingRequest or DeleteCertificateRequest or DeletePolicyRequest or DeletePolicyVersionRequest
                ? IotErrorType.ResourceNotFound.Error("It is not there any more, when the client asks again.") : null,
        };

        await factory.ServiceOver(registry).RemoveAsync("a", includeCertificates: true, includePolicies: true, Cancellation);

        Assert.Equal(before, await factory.FactsAsync());
    }

    [Fact]
    public async Task Certificates_and_policies_stay_unless_they_are_to_go()
    {
        await using var factory = await Factory.OpenAsync();
        await factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");
        var before = await factory.FactsAsync();

        await factory.Connection.Things.RemoveAsync("a", Cancellation);

        Assert.All(before.Except(await factory.FactsAsync()), fact => Assert.Contains("thing a", fact, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_many_each_goes_or_says_why_not_in_their_order(bool hasTransactions)
    {
        await using var factory = await Factory.OpenAsync();
        string[] names = [.. Enumerable.Range(1, 25).Select(i => $"thing-{i}")];
        foreach (var name in names)
            await factory.InvokeAsync(new CreateThingRequest(name));
        var things = factory.ThingsOver(hasTransactions);

        var removed = await things.RemoveEachAsync(["nosuch", .. names, "nosuch", "thing-1"], null, null, Cancellation).ToListAsync(Cancellation);

        Assert.Equal(["nosuch", .. names, "nosuch", "thing-1"], removed.Select(r => r.ThingName));
        Assert.Equal(["nosuch", "nosuch", "thing-1"], removed.Where(r => r.Failure is { Code: CdfErrorCode.NotFound }).Select(r => r.ThingName));
        Assert.Empty(await factory.Connection.Things.ListNamesAsync("", Cancellation).ToListAsync(Cancellation));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task What_many_share_goes_with_the_last_of_them(bool hasTransactions, bool includePolicies)
    {
        await using var factory = await Factory.OpenAsync();
        var certificate = await factory.InvokeAsync(new CreateKeysAndCertificateRequest(SetAsActive: true));
        await factory.InvokeAsync(new CreatePolicyRequest("shared", Make.PolicyDocument("iot:Publish")));
        await factory.InvokeAsync(new AttachPolicyRequest("shared", certificate.CertificateArn!));
        string[] names = [.. Enumerable.Range(1, 12).Select(i => $"thing-{i}")];
        foreach (var name in names)
        {
            await factory.InvokeAsync(new CreateThingRequest(name));
            await factory.InvokeAsync(new AttachThingPrincipalRequest(name, certificate.CertificateArn!));
        }

        var things = factory.ThingsOver(hasTransactions);
        var removed = await things.RemoveEachAsync([.. names, "thing-3"], includeCertificates: true, includePolicies, Cancellation).ToListAsync(Cancellation);

        Assert.Equal([.. names.Select(_ => false), true], removed.Select(thing => thing.Failure is { Code: CdfErrorCode.NotFound }));
        Assert.Null(await factory.Account.Registry.FindCertificateAsync(certificate.CertificateId!, Cancellation));
        Assert.Equal(includePolicies, await factory.Account.Registry.FindPolicyAsync("shared", Cancellation) is null);
    }

    [Fact]
    public async Task Who_stops_at_a_failure_keeps_the_things_after_it()
    {
        await using var factory = await Factory.OpenAsync();
        await factory.InvokeAsync(new CreateThingRequest("a"));
        await factory.InvokeAsync(new CreateThingRequest("b"));

        await factory.Connection.Things.RemoveEachAsync(["a", "nosuch", "b"], null, null, Cancellation).FirstAsync(r => r.Failure is not null, Cancellation);

        Assert.Equal(["b"], await factory.Connection.Things.ListNamesAsync("", Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Of_a_thing_that_cannot_go_nothing_is_gone()
    {
        await using var factory = await Factory.OpenAsync();
        var failing = new CdfException(IotErrorType.Throttling, "Not now.");

        var changes = await factory.Connection.Registry.ChangeEachAsync(
            ["a", "b"],
            async (registry, thing) =>
            {
                await registry.InvokeAsync(new CreateThingRequest(thing + thing), Cancellation);
                if (thing == "a")
                    throw failing;
            },
            Cancellation).ToListAsync(Cancellation);

        Assert.Equal([("a", failing), ("b", null)], changes);
        Assert.Equal(["bb"], await factory.Connection.Things.ListNamesAsync("", Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task The_connections_settings_decide_if_the_call_does_not()
    {
        await using var factory = await Factory.OpenAsync(new ProvisioningSettings { DeleteCertificates = true, DeletePolicies = true });
        await factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");
        await factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "b");

        await factory.Connection.Things.RemoveAsync("a", Cancellation);
        await factory.Connection.Things.RemoveAsync("b", includeCertificates: false, includePolicies: false, Cancellation);

        Assert.Single((await factory.InvokeAsync(new ListCertificatesRequest())).Certificates!);
    }

    [Fact]
    public async Task A_certificate_of_another_thing_too_is_kept_with_its_policies()
    {
        await using var factory = await Factory.OpenAsync();
        var response = await factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");
        await factory.InvokeAsync(new CreateThingRequest("b"));
        await factory.InvokeAsync(new AttachThingPrincipalRequest("b", response.ResourceArns["certificate"]));

        await factory.Connection.Things.RemoveAsync("a", includeCertificates: true, includePolicies: true, Cancellation);

        var other = await factory.Connection.Things.GetAsync("b", Cancellation);
        Assert.Equal("INACTIVE", Assert.Single(other.Certificates).CertificateStatus);
        Assert.Equal(5, other.Policies.Count);
    }

    [Fact]
    public async Task A_policy_that_is_attached_to_a_group_is_kept()
    {
        await using var factory = await Factory.OpenAsync();
        await factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");
        var group = await factory.InvokeAsync(new DescribeThingGroupRequest("spares"));
        await factory.InvokeAsync(new AttachPolicyRequest("further", group.ThingGroupArn!));

        await factory.Connection.Things.RemoveAsync("a", includeCertificates: true, includePolicies: true, Cancellation);

        var facts = await factory.FactsAsync();
        Assert.Contains("policy further", facts);
        Assert.DoesNotContain(facts, fact => fact.StartsWith("certificate", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Policies_can_go_while_certificates_stay()
    {
        await using var factory = await Factory.OpenAsync();
        await factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");

        await factory.Connection.Things.RemoveAsync("a", includeCertificates: false, includePolicies: true, Cancellation);

        var facts = await factory.FactsAsync();
        Assert.Single(facts, fact => fact.EndsWith("is INACTIVE", StringComparison.Ordinal));
        Assert.DoesNotContain("policy further", facts);
    }
}
