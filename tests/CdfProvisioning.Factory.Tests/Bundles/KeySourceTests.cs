using CdfProvisioning.Certificates;
using CdfProvisioning.Factory.Bundles;
using CdfProvisioning.Keys;
using Xunit;

namespace CdfProvisioning.Tests.Bundles;

public sealed class KeySourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_key_that_no_device_has_yet_gets_into_no_bundle()
    {
        var folder = _folder.File("keys");
        var ca = Make.Ca("Factory CA");
        using var keys = KeyDirectory.Open(folder, "a registry");
        foreach (var name in new[] { "registered", "reserved" })
        {
            var key = DeviceKey.CreateP256();
            var now = DateTimeOffset.UtcNow;
            var certificate = ca.Issue(new SubjectFields(name).ToName(), key.SubjectPublicKeyInfo, now, now.AddDays(1), IssueProfile.Device);
            Assert.True(keys.TryAdd(name, key.PrivateKeyPem, certificate.Pem));
            if (name == "registered")
                keys.Keep(name, key.PrivateKeyPem.Length + certificate.Pem.Length);
        }

        var found = await KeySource.ReadFolderAsync(folder, Cancellation).ToListAsync(Cancellation);

        Assert.Equal("registered", Assert.Single(found, each => each.Device is not null).Device!.ThingName);
        Assert.Contains("no device has this key yet", Assert.Single(found, each => each.Problem is not null).Problem!.Message);
        await Assert.ThrowsAsync<CdfException>(() => KeySource.FindAsync(folder, "reserved", Cancellation).AsTask());
    }
}
