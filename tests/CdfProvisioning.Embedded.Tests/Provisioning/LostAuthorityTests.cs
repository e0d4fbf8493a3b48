using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>What is left of a CA whose registration had no answer.</summary>
public sealed class LostAuthorityTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_CA_that_was_registered_without_an_answer_does_not_stay_without_its_key()
    {
        await using var factory = await Factory.OpenAsync();
        var registry = new UnreliableRegistry(factory.Account.Registry) { LosesAnswer = LostRegistration };

        await Assert.ThrowsAsync<CdfException>(async () => await CreateAsync(factory, registry));

        Assert.Equal(factory.Ca.CaId, (await AuthoritiesAsync(factory)).CaId);
    }

    [Fact]
    public async Task A_CA_has_its_key_before_it_is_registered_and_a_refused_one_leaves_none()
    {
        await using var factory = await Factory.OpenAsync();
        var keys = Path.Combine(factory.Account.Info.Path!, "ca-keys");
        var before = Directory.GetFiles(keys);
        string[] during = [];
        var registry = new UnreliableRegistry(factory.Account.Registry)
        {
            LosesCall = request =>
            {
                if (request is not RegisterCACertificateRequest)
                    return null;
                during = Directory.GetFiles(keys);
                return new(CdfErrorCode.InvalidRequest, "It is refused.");
            },
        };

        await Assert.ThrowsAsync<CdfException>(async () => await CreateAsync(factory, registry));

        Assert.Single(during.Except(before));
        Assert.Equal(before, Directory.GetFiles(keys));
    }

    [Fact]
    public async Task If_it_cannot_be_taken_back_the_error_names_it()
    {
        await using var factory = await Factory.OpenAsync();
        var isDown = false;
        var registry = new UnreliableRegistry(factory.Account.Registry);
        registry.LosesAnswer = request => (isDown |= request is RegisterCACertificateRequest) ? new(CdfErrorCode.Unavailable, "The network is down.") : null;
        registry.LosesCall = _ => isDown ? new(CdfErrorCode.Unavailable, "The network is down.") : null;

        var error = await Assert.ThrowsAsync<CdfException>(async () => await CreateAsync(factory, registry));

        var left = Assert.Single(await factory.Connection.CertificateAuthorities.ListAsync(Cancellation).ToListAsync(Cancellation), ca => ca.CaId != factory.Ca.CaId);
        Assert.Contains(left.CaId, error.Message, StringComparison.Ordinal);
        Assert.Contains("Remove-CdfCertificateAuthority", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_CA_that_was_registered_before_stays()
    {
        await using var factory = await Factory.OpenAsync();
        var key = await factory.Connection.CertificateAuthorities.FindKeyAsync(factory.Ca.CaId, Cancellation);
        var registry = new UnreliableRegistry(factory.Account.Registry) { LosesAnswer = LostRegistration };

        await Assert.ThrowsAsync<CdfException>(
            async () => await factory.AuthoritiesOver(registry).ImportAsync(factory.Ca.CertificatePem!, key!, password: null, Cancellation));

        Assert.True((await AuthoritiesAsync(factory)).HasPrivateKey);
    }

    private static CdfException? LostRegistration(object request) =>
        request is RegisterCACertificateRequest ? new(CdfErrorCode.Unavailable, "The answer is lost.") : null;

    private static async Task<CertificateAuthority> CreateAsync(Factory factory, UnreliableRegistry registry) =>
        await factory.AuthoritiesOver(registry).CreateAsync(new SubjectFields("Second CA"), TimeSpan.FromDays(100), Cancellation);

    private static async Task<CertificateAuthority> AuthoritiesAsync(Factory factory) =>
        Assert.Single(await factory.Connection.CertificateAuthorities.ListAsync(Cancellation).ToListAsync(Cancellation));
}
