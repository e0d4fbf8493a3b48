using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Certificates;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

public sealed class UndeliveredKeysTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_process_leaves_the_keys_of_registered_devices_that_it_has_not_handed_out_and_no_other()
    {
        await using var factory = await Factory.OpenAsync();
        string folder;
        using (var killed = UndeliveredKeysOf(factory))
        {
            var request = await factory.RequestAsync(ExtensionTemplates.All["createDeviceCertificate"], "handed-out");
            (await factory.Connection.Things.ProvisionAsync(request, killed, Cancellation)).Deliver();
            await factory.Connection.Things.ProvisionAsync(request with { Parameters = new Dictionary<string, string> { ["ThingName"] = "lost" } }, killed, Cancellation);
            var keys = await killed.OpenAsync(Cancellation);
            Assert.True(keys.TryAdd("never-registered", DeviceKey.CreateP256().PrivateKeyPem, Make.ForeignCertificate("never-registered")));
            folder = keys.Path;
        }

        using var next = UndeliveredKeysOf(factory);
        await next.OpenAsync(Cancellation);

        var file = Assert.Single(Directory.EnumerateFiles(folder));
        using var pair = X509Certificate2.CreateFromPemFile(file);
        var lost = await factory.Connection.Things.GetAsync("lost", Cancellation);
        Assert.Equal(Assert.Single(lost.Certificates).CertificateId, pair.GetCertHashString(HashAlgorithmName.SHA256), ignoreCase: true);
    }

    [Fact]
    public async Task A_device_whose_registration_fails_leaves_no_key()
    {
        await using var factory = await Factory.OpenAsync();
        var request = await factory.RequestAsync(ExtensionTemplates.All["createDeviceCertificate"], "not a name");

        await Assert.ThrowsAsync<CdfException>(async () => await factory.Connection.Things.ProvisionAsync(request, factory.Connection.UndeliveredKeys, Cancellation));

        Assert.Empty(Directory.EnumerateFiles((await factory.Connection.UndeliveredKeys.OpenAsync(Cancellation)).Path));
    }

    private static UndeliveredKeys UndeliveredKeysOf(Factory factory) => new(factory.Connection.BulkRegistrations.Registry, factory.Connection.Registry);
}
