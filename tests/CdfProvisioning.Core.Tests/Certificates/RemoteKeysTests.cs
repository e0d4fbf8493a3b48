using System.Security;
using CdfProvisioning.Certificates;
using Xunit;

namespace CdfProvisioning.Tests.Certificates;

public sealed class RemoteKeysTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_is_opened_once_however_many_want_it_and_closed_with_the_connection()
    {
        var holder = new Holder("pkcs11");
        Key key;
        using (var keys = new RemoteKeys([new Holder("awskms"), holder]))
        {
            var opened = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => keys.OpenAsync("pkcs11:object=ca", pin: null, Cancellation).AsTask())));
            key = Assert.IsType<Key>(Assert.Single(opened.Distinct()));
            Assert.NotSame(key, await keys.OpenAsync("pkcs11:object=other", pin: null, Cancellation));
            Assert.Equal(["ca", "other"], holder.Opened);
            Assert.False(key.IsClosed);
        }

        Assert.True(key.IsClosed);
    }

    [Fact]
    public async Task A_key_where_nobody_holds_keys_is_refused_with_the_places_there_are()
    {
        using var keys = new RemoteKeys([new Holder("awskms")]);

        var error = await Assert.ThrowsAsync<CdfException>(async () => await keys.OpenAsync("pkcs11:object=ca", pin: null, Cancellation));

        Assert.Contains("begins with 'pkcs11:'; keys can be used that are at 'awskms:'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pkcs11:object=ca", true)]
    [InlineData("-----BEGIN PRIVATE KEY-----", false)]
    public void What_is_kept_of_a_CA_is_its_key_or_where_it_is(string kept, bool isUri) => Assert.Equal(isUri, RemoteKeys.IsUri(kept));

    private sealed class Holder(string scheme) : IKeyHolder
    {
        public List<string> Opened { get; } = [];

        public string Scheme => scheme;

        public async ValueTask<RemoteKey> OpenAsync(KeyUri uri, SecureString? pin, CancellationToken cancellationToken)
        {
            Opened.Add(uri["object"]!);
            await Task.Yield();
            return new Key(uri.Text);
        }
    }

    private sealed class Key(string uri) : RemoteKey(uri, "ca", PublicKey.Read(DeviceKey.CreateP256().SubjectPublicKeyInfo))
    {
        public bool IsClosed { get; private set; }

        public override void Dispose() => IsClosed = true;

        protected override byte[] SignHash(byte[] hash) => throw new NotSupportedException();
    }
}
