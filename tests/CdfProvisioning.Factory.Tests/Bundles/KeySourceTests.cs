using CdfProvisioning.Certificates;
using CdfProvisioning.Factory.Bundles;
using CdfProvisioning.Keys;
using Xunit;

namespace CdfProvisioning.Tests.Bundles;

public sealed class KeySourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_key_that_no_device_has_yet_gets_into_no_bundle()
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

        Assert.Equal("registered", KeySource.Find(keys, "registered")!.ThingName);
        Assert.Contains("no device has this key yet", Assert.Throws<CdfException>(() => KeySource.Find(keys, "reserved")).Message, StringComparison.Ordinal);
        Assert.Null(KeySource.Find(keys, "missing"));
    }
}
