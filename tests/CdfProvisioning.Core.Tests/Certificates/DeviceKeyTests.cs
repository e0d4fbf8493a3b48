using System.Security.Cryptography;
using CdfProvisioning.Certificates;
using Xunit;

namespace CdfProvisioning.Tests.Certificates;

public sealed class DeviceKeyTests
{
    [Fact]
    public void An_EC_key_is_a_pair_on_P256_in_PKCS8() => IsPair(DeviceKey.CreateP256(), "-----BEGIN PRIVATE KEY-----\n", "ASN1 OID: prime256v1");

    [Fact]
    public void An_RSA_key_is_a_pair_of_2048_bits_in_PKCS1_as_AWS_returns_it() =>
        IsPair(DeviceKey.CreateRsa2048(), "-----BEGIN RSA PRIVATE KEY-----\n", "(2048 bit");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OpenSSL_and_NET_accept_the_keys_of_either_generator(bool isOpenSsl)
    {
        Assert.SkipWhen(isOpenSsl && !(OperatingSystem.IsLinux() && SafeEvpPKeyHandle.OpenSslVersion >> 28 == 3), "There is no libcrypto 3 here.");
        const int keys = 40;
        var made = new DeviceKey[keys];
        Parallel.For(0, keys, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            byte[] scalar = new byte[P256Generator.ScalarLength], point = new byte[P256Generator.PointLength];
            if (isOpenSsl)
                Assert.True(P256Generator.TryGenerate(scalar, point));
            else
                DeviceKey.Generate(scalar, point);
            made[i] = DeviceKey.OfP256(scalar, point);
        });

        Assert.Equal(keys, made.Select(key => key.PrivateKeyPem).Distinct().Count());
        foreach (var key in made)
        {
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportFromPem(key.PrivateKeyPem);
            Assert.Equal(ecdsa.ExportPkcs8PrivateKeyPem() + "\n", key.PrivateKeyPem);
            Assert.Equal(ecdsa.ExportSubjectPublicKeyInfo(), key.SubjectPublicKeyInfo);
            using var other = ECDsa.Create();
            other.ImportSubjectPublicKeyInfo(key.SubjectPublicKeyInfo.Span, out _);
            Assert.True(other.VerifyData(key.SubjectPublicKeyInfo.Span, ecdsa.SignData(key.SubjectPublicKeyInfo.Span, HashAlgorithmName.SHA256), HashAlgorithmName.SHA256));
        }

        using var openssl = new OpenSsl();
        openssl.Write("device.key", made[0].PrivateKeyPem);
        Assert.Contains("Key is valid", openssl.Run("pkey -in device.key -check -noout"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RSA2048", "RSA key", "-----BEGIN RSA PRIVATE KEY-----\n", "(2048 bit")]
    [InlineData("P256", "EC key", "-----BEGIN PRIVATE KEY-----\n", "ASN1 OID: prime256v1")]
    [InlineData("P384", "EC key", "-----BEGIN PRIVATE KEY-----\n", "ASN1 OID: secp384r1")]
    public void A_key_of_any_algorithm_is_a_pair_and_does_not_show_itself(string algorithm, string shown, string begin, string text)
    {
        var key = DeviceKey.Create(KeyAlgorithms.Parse(algorithm));

        IsPair(key, begin, text);
        Assert.Equal((shown, shown == "RSA key"), ($"{key}", key.IsRsa));
        Assert.Equal(PublicKey.Read(key.SubjectPublicKeyInfo).Identifier, DeviceKey.IdentifierOf(key.PrivateKeyPem)!);
    }

    [Fact]
    public void A_CAs_key_may_be_on_P521_and_an_RSA_key_of_a_pool_is_one()
    {
        IsPair(DeviceKey.Create(KeyAlgorithm.P521), "-----BEGIN PRIVATE KEY-----\n", "ASN1 OID: secp521r1");
        Assert.Equal("RSA key", $"{DeviceKey.CreateRsa2048()}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("dear diary")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    public void What_is_no_key_has_no_identifier(string text) => Assert.Null(DeviceKey.IdentifierOf(text));

    [Fact]
    public async Task A_pool_makes_keys_ahead()
    {
        await using var pool = new KeyPool();
        for (var i = 0; i < 200; i++)
        {
            var key = pool.TakeAsync(TestContext.Current.CancellationToken).AsTask();
            if (key.IsCompletedSuccessfully)
                return;
            await key;
        }

        Assert.Fail("None of 200 keys was ready when it was wanted.");
    }

    [Fact]
    public async Task A_pool_hands_out_each_key_once()
    {
        await using var pool = new KeyPool(capacity: 2);
        var taken = new List<string>();
        for (var i = 0; i < 6; i++)
            taken.Add(Of(await pool.TakeAsync(TestContext.Current.CancellationToken)));
        taken.AddRange((await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ => await pool.TakeAsync(TestContext.Current.CancellationToken)))).Select(Of));

        Assert.Equal(taken.Count, taken.Distinct().Count());

        static string Of(DeviceKey key) => Convert.ToHexString(key.SubjectPublicKeyInfo.Span);
    }

    [Fact]
    public async Task A_pool_hands_out_a_different_key_each_time_and_stops_when_disposed()
    {
        var pool = new KeyPool(capacity: 1);
        var first = await pool.TakeAsync(TestContext.Current.CancellationToken);
        var second = await pool.TakeAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual(first.PublicKeyPem, second.PublicKeyPem);

        await pool.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await pool.TakeAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Waiting_for_a_key_can_be_cancelled()
    {
        await using var pool = new KeyPool(capacity: 1);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pool.TakeAsync(new CancellationToken(canceled: true)));
    }

    private static void IsPair(DeviceKey key, string begin, string text)
    {
        using var openssl = new OpenSsl();
        openssl.Write("device.key", key.PrivateKeyPem);

        Assert.StartsWith(begin, key.PrivateKeyPem, StringComparison.Ordinal);
        Assert.EndsWith("-----\n", key.PrivateKeyPem, StringComparison.Ordinal);
        Assert.Contains(text, openssl.Run("pkey -in device.key -noout -text"), StringComparison.Ordinal);
        Assert.Equal(openssl.Run("pkey -in device.key -pubout"), key.PublicKeyPem);
        Assert.Equal(key.PublicKeyPem, PemEncoding.WriteString("PUBLIC KEY", key.SubjectPublicKeyInfo.Span) + "\n");
    }
}
