using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CdfProvisioning.Keys;
using CdfProvisioning.Tests.Certificates;
using Xunit;

namespace CdfProvisioning.Tests.Keys;

/// <summary>Who can be encrypted for, and who can read it.</summary>
public sealed class KeyRecipientTests
{
    private static readonly byte[] Lines = "{\"row\":1}\n{\"row\":2}\n"u8.ToArray();

    [Theory]
    [InlineData("RSA")]
    [InlineData("nistP256")]
    [InlineData("nistP384")]
    [InlineData("nistP521")]
    public void What_is_sealed_for_a_recipient_reads_as_it_was_and_never_looks_the_same(string key)
    {
        using var holder = Certificate(key);
        var recipient = KeyRecipient.Of(holder.ExportCertificatePem());
        var (one, other) = (Encoding.ASCII.GetString(recipient.Seal(Lines)), Encoding.ASCII.GetString(recipient.Seal(Lines)));

        Assert.Equal(Lines, KeyRecipient.Unseal(one, holder));
        Assert.Equal(Lines, KeyRecipient.Unseal(other, holder));
        Assert.NotEqual(one, other);
        Assert.StartsWith(Encoding.ASCII.GetString(KeyRecipient.Begin), one, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nistP256")]
    [InlineData("nistP521")]
    public void A_certificate_that_is_for_key_agreement_alone_can_read_too(string curve)
    {
        using var key = ECDiffieHellman.Create(ECCurve.CreateFromFriendlyName(curve));
        using var ca = Certificate(curve);
        var request = new CertificateRequest(new X500DistinguishedName("CN=Agreement"), new PublicKey(key), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyAgreement, critical: true));
        using var certificate = request.Create(ca.SubjectName, X509SignatureGenerator.CreateForECDsa(ca.GetECDsaPrivateKey()!), ca.NotBefore, ca.NotAfter, [1, 2, 3]);
        using var holder = certificate.CopyWithPrivateKey(key);

        var block = Encoding.ASCII.GetString(KeyRecipient.Of(holder.ExportCertificatePem()).Seal(Lines));

        Assert.Equal(Lines, KeyRecipient.Unseal(block, holder));
    }

    [Fact]
    public void An_RSA_recipients_key_travels_by_OAEP_with_SHA_256_and_an_EC_recipients_by_agreement_for_AES_256()
    {
        using var openssl = new OpenSsl();
        foreach (var (key, expected) in new[] { ("RSA", "rsaesOaep"), ("nistP256", "dhSinglePass-stdDH-sha256kdf-scheme") })
        {
            using var holder = Certificate(key);
            openssl.Write("block.pem", Encoding.ASCII.GetString(KeyRecipient.Of(holder.ExportCertificatePem()).Seal(Lines)));
            var text = openssl.Run("cms -cmsout -print -noout -inform PEM -in block.pem");
            Assert.Contains(expected, text, StringComparison.Ordinal);
            Assert.Contains("aes-256-cbc", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public void What_is_no_certificate_is_no_recipient(string pem)
    {
        var error = Assert.Throws<CdfException>(() => KeyRecipient.Of(pem));
        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.Contains("an RSA key of 2,048 bits or more, or an EC key", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_whose_frame_or_key_was_damaged_is_not_read_as_something_else()
    {
        using var holder = Certificate("nistP256");
        var encrypted = KeyRecipient.Of(holder.ExportCertificatePem()).Encrypt(Lines);
        var wrappedKey = encrypted.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0x04, 0x28]) + 2;
        foreach (var at in new[] { 0, wrappedKey, wrappedKey + 20, wrappedKey + 39 })
        {
            var damaged = encrypted.ToArray();
            damaged[at] ^= 0x40;
            var error = Assert.Throws<CdfException>(() => KeyRecipient.Unseal(PemEncoding.WriteString("CMS", damaged), holder));
            Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
            Assert.Contains("or is damaged", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("RSA")]
    [InlineData("nistP256")]
    public void Neither_nonsense_nor_a_block_for_another_kind_of_key_can_be_read(string key)
    {
        using var holder = Certificate(key);
        using var other = Certificate(key == "RSA" ? "nistP256" : "RSA");
        using var publicOnly = X509CertificateLoader.LoadCertificate(holder.RawData);
        var block = Encoding.ASCII.GetString(KeyRecipient.Of(holder.ExportCertificatePem()).Seal(Lines));

        foreach (var unreadable in new Action[]
        {
            () => KeyRecipient.Unseal(block, other),
            () => KeyRecipient.Unseal(block, publicOnly),
            () => KeyRecipient.Unseal("nonsense", holder),
            () => KeyRecipient.Unseal("-----BEGIN CMS-----\nAAAA\n-----END CMS-----\n", holder),
        })
            Assert.Contains("cannot be read with the key of 'CN=Factory'", Assert.Throws<CdfException>(unreadable).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_sender_of_a_message_has_to_send_a_whole_point()
    {
        using var holder = Certificate("nistP256");
        var encrypted = KeyRecipient.Of(holder.ExportCertificatePem()).Encrypt(Lines);
        var point = encrypted.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x03, 0x42, 0x00, 0x04]);
        Assert.True(point > 0);
        encrypted[point + 3] = 2;

        var error = Assert.Throws<CdfException>(() => KeyRecipient.Unseal(PemEncoding.WriteString("CMS", encrypted), holder));

        Assert.Contains("Its key is not for ECDH.", error.Message, StringComparison.Ordinal);
    }

    private static X509Certificate2 Certificate(string key)
    {
        var request = key == "RSA"
            ? new CertificateRequest("CN=Factory", RSA.Create(2048), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest("CN=Factory", ECDsa.Create(ECCurve.CreateFromFriendlyName(key)), HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
