using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Certificates;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

public sealed class UndeliveredKeysTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_process_leaves_the_keys_of_registered_devices_that_it_has_not_handed_out_and_no_other()
    {
        await using var factory = await Factory.OpenAsync();
        var request = await factory.RequestAsync(ExtensionTemplates.All["createDeviceCertificate"], "handed-out");
        using (var killed = factory.OpenUndeliveredKeys())
        {
            (await factory.Connection.Things.ProvisionAsync(request, killed, Cancellation)).Deliver();
            await factory.Connection.Things.ProvisionAsync(For("lost"), killed, Cancellation);
            var neverRegistered = await killed.OpenAsync("never-registered", Cancellation);
            await neverRegistered.TakeAsync(factory.Connection.Registry, DeviceKey.CreateP256().PrivateKeyPem, Make.ForeignCertificate("never-registered"), Cancellation);
            await killed.OpenAsync("nothing", Cancellation);
        }

        using var next = factory.OpenUndeliveredKeys();
        (await factory.Connection.Things.ProvisionAsync(For("handed-out-too"), next, Cancellation)).Deliver();
        next.Dispose();

        var file = Assert.Single(FilesOf(factory));
        Assert.StartsWith("lost-", Path.GetFileName(file), StringComparison.Ordinal);
        await AssertIsKeyOfAsync(factory, "lost", file);

        ProvisionRequest For(string thingName) => request with { Parameters = new Dictionary<string, string> { ["ThingName"] = thingName } };
    }

    [Fact]
    public async Task A_living_process_is_left_its_files_whether_there_is_a_key_in_them_or_not()
    {
        await using var factory = await Factory.OpenAsync();
        var request = await factory.RequestAsync(ExtensionTemplates.All["createDeviceCertificate"], "device");
        using var living = factory.OpenUndeliveredKeys();
        var underWay = await living.OpenAsync("under-way", Cancellation);
        await underWay.TakeAsync(factory.Connection.Registry, DeviceKey.CreateP256().PrivateKeyPem, Make.ForeignCertificate("under-way"), Cancellation);
        var empty = await living.OpenAsync("empty", Cancellation);

        using var other = factory.OpenUndeliveredKeys();
        (await factory.Connection.Things.ProvisionAsync(request, other, Cancellation)).Deliver();

        Assert.True(File.Exists(underWay.File));
        Assert.True(File.Exists(empty.File));
    }

    [Fact]
    public async Task A_key_that_could_not_be_handed_out_is_in_a_file_that_is_called_like_its_thing_and_is_used_for_no_other()
    {
        await using var factory = await Factory.OpenAsync();
        var request = await factory.RequestAsync(ExtensionTemplates.All["createDeviceCertificate"], "device-1");
        using var keys = factory.OpenUndeliveredKeys();
        var device = await factory.Connection.Things.ProvisionAsync(request, keys, Cancellation);

        var said = device.Keep("somebody was gone");
        (await factory.Connection.Things.ProvisionAsync(request with { Parameters = new Dictionary<string, string> { ["ThingName"] = "device-2" } }, keys, Cancellation)).Deliver();
        keys.Dispose();

        var file = Assert.Single(FilesOf(factory));
        Assert.Contains(file, said, StringComparison.Ordinal);
        Assert.StartsWith("device-1-", Path.GetFileName(file), StringComparison.Ordinal);
        Assert.DoesNotContain("reserved", await File.ReadAllTextAsync(file, Cancellation), StringComparison.Ordinal);
        await AssertIsKeyOfAsync(factory, "device-1", file);
    }

    [Fact]
    public async Task A_key_is_written_where_it_can_be_found_also_when_somebody_has_cleared_the_folder()
    {
        await using var factory = await Factory.OpenAsync();
        var request = await factory.RequestAsync(ExtensionTemplates.All["createDeviceCertificate"], "device-1");
        using var keys = factory.OpenUndeliveredKeys();
        (await factory.Connection.Things.ProvisionAsync(request, keys, Cancellation)).Deliver();
        foreach (var file in FilesOf(factory))
            File.Delete(file);

        var device = await factory.Connection.Things.ProvisionAsync(request with { Parameters = new Dictionary<string, string> { ["ThingName"] = "device-2" } }, keys, Cancellation);

        await AssertIsKeyOfAsync(factory, "device-2", device.Place!.File);
    }

    [Fact]
    public async Task A_device_whose_registration_fails_leaves_no_key()
    {
        await using var factory = await Factory.OpenAsync();
        var request = await factory.RequestAsync(ExtensionTemplates.All["createDeviceCertificate"].Replace("\"ThingTypeName\": \"sensor\"", "\"ThingTypeName\": \"no-such-type\"", StringComparison.Ordinal), "device-1");
        using var keys = factory.OpenUndeliveredKeys();

        await Assert.ThrowsAsync<CdfException>(async () => await factory.Connection.Things.ProvisionAsync(request, keys, Cancellation));
        keys.Dispose();

        Assert.Empty(FilesOf(factory));
    }

    private static async Task AssertIsKeyOfAsync(Factory factory, string thingName, string file)
    {
        using var pair = X509Certificate2.CreateFromPemFile(file);
        var thing = await factory.Connection.Things.GetAsync(thingName, Cancellation);
        Assert.Equal(Assert.Single(thing.Certificates).CertificateId, pair.GetCertHashString(HashAlgorithmName.SHA256), ignoreCase: true);
    }

    private static IEnumerable<string> FilesOf(Factory factory) => Directory.EnumerateFiles(factory.Connection.UndeliveredKeys.Folder);
}
