using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Registry;

public sealed class TwoConnectionsTests : RegistryTestBase
{
    [Fact]
    public async Task What_one_connection_does_the_other_sees()
    {
        await using var other = await Registry.OpenAgainAsync();
        await InvokeAsync(new CreateThingRequest("s-1"));
        await other.Registry.InvokeAsync(new UpdateThingRequest("s-1", AttributePayload: Attributes(("a", "1"))), Cancellation);
        Assert.Equal(2, (await InvokeAsync(new DescribeThingRequest("s-1"))).Version);
        var page = await InvokeAsync(new ListThingsRequest());
        Assert.Equal(page.Things!.Select(t => t.ThingName), (await other.Registry.InvokeAsync(new ListThingsRequest(), Cancellation)).Things!.Select(t => t.ThingName));
    }

    [Fact]
    public async Task Both_make_certificates_of_one_CA_and_know_one_registration_code()
    {
        await using var other = await Registry.OpenAgainAsync();
        var made = await Task.WhenAll(
            InvokeAsync(new CreateKeysAndCertificateRequest()), other.Registry.InvokeAsync(new CreateKeysAndCertificateRequest(), Cancellation).AsTask());
        var issuers = made.Select(m =>
        {
            using var certificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(m.CertificatePem!);
            return Convert.ToHexString(certificate.Extensions.OfType<System.Security.Cryptography.X509Certificates.X509AuthorityKeyIdentifierExtension>().Single().KeyIdentifier!.Value.Span);
        });
        Assert.Single(issuers.Distinct());

        var codes = await Task.WhenAll(
            InvokeAsync(new GetRegistrationCodeRequest()), other.Registry.InvokeAsync(new GetRegistrationCodeRequest(), Cancellation).AsTask());
        Assert.Equal(codes[0], codes[1]);
    }

    [Fact]
    public async Task Of_many_who_create_one_thing_all_get_the_same_and_of_many_who_update_a_version_one_succeeds()
    {
        await using var other = await Registry.OpenAgainAsync();
        IDeviceRegistry[] both = [Registry.Registry, other.Registry];
        var created = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => both[i % 2].InvokeAsync(new CreateThingRequest("s-1"), Cancellation).AsTask()));
        Assert.Single(created.Distinct());

        var updates = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            try
            {
                await both[i % 2].InvokeAsync(new UpdateThingRequest("s-1", ExpectedVersion: 1), Cancellation);
                return "updated";
            }
            catch (CdfException e)
            {
                return e.ErrorTypeName;
            }
        }));
        Assert.Equal((1, 19), (updates.Count(u => u == "updated"), updates.Count(u => u == "VersionConflictException")));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
