using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>Things that are not there, certificates that went before, and several things that share what goes with them.</summary>
public sealed class MissingThingTests : FactoryTestBase
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_is_done_to_a_thing_that_is_not_there_and_it_is_named(bool hasTransactions)
    {
        var things = Factory.ThingsOver(hasTransactions);
        foreach (var call in new Func<Task>[]
        {
            async () => await things.RemoveAsync("none", true, true, Cancellation),
            async () => await things.RemoveAsync("none", false, false, Cancellation),
            async () => await things.PlanRemovalAsync("none", true, true, Cancellation),
            async () => await things.SetCertificateStatusAsync("none", CertificateStatus.Inactive, Cancellation),
            async () => await things.CheckHasCertificateAsync("none", Cancellation),
            async () => await things.GetAsync("none", Cancellation),
        })
        {
            var error = await Assert.ThrowsAsync<CdfException>(call);
            Assert.Equal(CdfErrorCode.NotFound, error.Code);
            Assert.Contains("none", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("certificate attached", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_revoked_certificate_goes_with_its_thing(bool hasTransactions)
    {
        await Factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "other"); // which uses the same policies
        var before = await Factory.FactsAsync();
        await Factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");
        var certificate = Assert.Single((await Factory.Connection.Things.GetAsync("a", Cancellation)).Certificates);
        await Factory.InvokeAsync(new UpdateCertificateRequest(certificate.CertificateId, CertificateStatus.Revoked));

        await Factory.ThingsOver(hasTransactions).RemoveAsync("a", includeCertificates: true, includePolicies: true, Cancellation);

        Assert.Equal(before, await Factory.FactsAsync());
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Things_that_share_a_certificate_go_together_and_it_with_the_last(bool hasTransactions, bool includePolicies)
    {
        await Factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "other"); // which uses the same policies
        var before = await Factory.FactsAsync();
        await Factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");
        var arn = Assert.Single((await Factory.Connection.Things.GetAsync("a", Cancellation)).Certificates).Arn!;
        foreach (var name in new[] { "b", "c" })
            await Factory.InvokeAsync(new CreateThingRequest(name));
        await Factory.InvokeAsync(new AttachThingPrincipalRequest("b", arn));
        await Factory.InvokeAsync(new AttachThingPrincipalRequest("c", arn));

        var removed = await Factory.ThingsOver(hasTransactions).RemoveEachAsync(["a", "none", "b", "c", "a"], includeCertificates: true, includePolicies, Cancellation).ToListAsync(Cancellation);

        Assert.Equal(["a", "none", "b", "c", "a"], removed.Select(r => r.ThingName));
        Assert.Equal([null, CdfErrorCode.NotFound, null, null, CdfErrorCode.NotFound], removed.Select(r => r.Failure?.Code));
        var facts = await Factory.FactsAsync();
        Assert.Equal(
            before.Where(fact => includePolicies || !fact.StartsWith("policy", StringComparison.Ordinal)),
            facts.Where(fact => includePolicies || !fact.StartsWith("policy", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_policies_stay_unless_they_are_to_go_though_the_certificates_go(bool hasTransactions)
    {
        await Factory.ProvisionAsync(ExtensionTemplates.All["createDeviceCertificate"], "a");

        await Factory.ThingsOver(hasTransactions).RemoveAsync("a", includeCertificates: true, includePolicies: false, Cancellation);

        var facts = await Factory.FactsAsync();
        Assert.Contains(facts, fact => fact.StartsWith("policy further", StringComparison.Ordinal));
        Assert.DoesNotContain(facts, fact => fact.StartsWith("certificate ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_thing_lasts_as_long_as_the_last_of_its_ACTIVE_certificates()
    {
        await Factory.InvokeAsync(new CreateThingRequest("a"));
        Assert.Null((await Factory.Connection.Things.GetAsync("a", Cancellation)).NotAfter);
        var ends = new List<DateTimeOffset>();
        foreach (var days in new[] { 10, 30, 20 })
        {
            var ca = Make.Ca($"CA {days}");
            var now = DateTimeOffset.UtcNow;
            var pem = ca.Issue(new SubjectFields($"a-{days}").ToName(), DeviceKey.CreateP256().SubjectPublicKeyInfo, now, now.AddDays(days), IssueProfile.Device).Pem;
            var registered = await Factory.InvokeAsync(new RegisterCertificateWithoutCARequest(pem, days == 30 ? CertificateStatus.Inactive : CertificateStatus.Active));
            await Factory.InvokeAsync(new AttachThingPrincipalRequest("a", registered.CertificateArn!));
            ends.Add(ParsedCertificate.FromPem(pem, "The certificate").NotAfter);
        }

        var thing = await Factory.Connection.Things.GetAsync("a", Cancellation);

        Assert.Equal(ends[2], thing.NotAfter);
        Assert.Equal(19, thing.DaysLeft);
    }
}
