using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Certificates;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CdfProvisioning.Tests.Certificates;

public sealed class SigningRequestTests
{
    [Theory, MemberData(nameof(ParsedCertificateTests.Signatures), MemberType = typeof(ParsedCertificateTests))]
    public void A_CSR_of_openssl_is_read(string keyType)
    {
        using var openssl = new OpenSsl();
        var csr = NewCsr(openssl, keyType);

        var request = SigningRequest.Parse(csr);

        Assert.Equal("CN=sensor-1, O=Example", request.Subject.ToString());
        openssl.Run("pkey -in device.key -pubout -out device.pub");
        Assert.Equal(openssl.Read("device.pub"), PemEncoding.WriteString("PUBLIC KEY", request.PublicKey.Der.Span) + "\n");
    }

    [Fact]
    public void A_CSR_without_a_subject_is_read()
    {
        using var openssl = new OpenSsl();

        Assert.True(SigningRequest.Parse(NewCsr(openssl, "ec -pkeyopt ec_paramgen_curve:P-256", "/")).Subject.IsEmpty);
    }

    [Theory]
    [InlineData("RSA2048", "sha256WithRSAEncryption")]
    [InlineData("p256", "ecdsa-with-SHA256")]
    [InlineData("P384", "ecdsa-with-SHA384")]
    public void A_CSR_for_a_key_made_here_is_verified_by_openssl(string algorithm, string signedWith)
    {
        using var openssl = new OpenSsl();
        var key = DeviceKey.Create(KeyAlgorithms.Parse(algorithm));

        openssl.Write("device.csr", SigningRequest.Create(AwsCertificates.DeviceSubject, key.PrivateKeyPem));

        Assert.Equal(key.PublicKeyPem, openssl.Run("req -in device.csr -pubkey -noout"));
        Assert.Contains($"Signature Algorithm: {signedWith}", openssl.Run("req -in device.csr -noout -text"), StringComparison.Ordinal);
        Assert.Contains("verify OK", openssl.Run("req -in device.csr -verify -noout"), StringComparison.Ordinal);
        Assert.Contains("CN=AWS IoT Certificate", openssl.Run("req -in device.csr -subject -noout").Replace(" = ", "=", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void The_old_label_and_requested_extensions_are_accepted()
    {
        using var openssl = new OpenSsl();
        var csr = NewCsr(openssl, "ec -pkeyopt ec_paramgen_curve:P-256 -addext subjectAltName=DNS:sensor-1 -newhdr");

        Assert.Contains("NEW CERTIFICATE REQUEST", csr, StringComparison.Ordinal);
        Assert.Equal("sensor-1", SigningRequest.Parse(csr).Subject.CommonName);
    }

    [Theory]
    [InlineData("rsa:1024", "1024 bits")]
    [InlineData("ec -pkeyopt ec_paramgen_curve:secp256k1", "not accept")]
    [InlineData("ed25519", "not accept")]
    [InlineData("rsa:2048 -md5", "is refused: the signature algorithm 1.2.840.113549.1.1.4 is not supported")]
    public void A_key_or_signature_that_AWS_does_not_accept_is_refused(string keyType, string reason)
    {
        using var openssl = new OpenSsl();
        Refused(NewCsr(openssl, keyType), reason);
    }

    [Theory, InlineData("rsa:2048 -sha1"), InlineData("ec -pkeyopt ec_paramgen_curve:P-256 -sha1")]
    public void A_CSR_may_be_signed_with_SHA_1_as_AWSs_own_SDK_for_iOS_does(string keyType)
    {
        using var openssl = new OpenSsl();
        Assert.Equal("sensor-1", SigningRequest.Parse(NewCsr(openssl, keyType)).Subject.CommonName);
    }

    [Fact]
    public void A_CSR_that_was_tampered_with_does_not_verify()
    {
        using var openssl = new OpenSsl();
        var der = Der(NewCsr(openssl, "ec -pkeyopt ec_paramgen_curve:P-256"));
        der[der.AsSpan().IndexOf("sensor-1"u8)] = (byte)'c';

        Refused(PemEncoding.WriteString("CERTIFICATE REQUEST", der), "its signature does not verify");
    }

    [Fact]
    public void What_is_not_a_CSR_is_refused_with_the_reason()
    {
        Refused("", "not PEM text");
        Refused(new string('x', 4097), "AWS IoT accepts 4096");
        Refused(new string('x', 4096), "not PEM text");
        Refused(Make.Ca().Certificate.Pem, "of type CERTIFICATE.");
        Refused(PemEncoding.WriteString("CERTIFICATE REQUEST", Make.Ca().Certificate.Der), "not a PKCS#10 request");
    }

    [Fact]
    public void A_damaged_CSR_is_refused_and_nothing_worse()
    {
        using var key = RSA.Create(2048);
        var der = new CertificateRequest("CN=sensor-1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequest();

        Prop.ForAll(Make.Damaged(der), damaged =>
        {
            var error = Assert.Throws<CdfException>(() => SigningRequest.Parse(PemEncoding.WriteString("CERTIFICATE REQUEST", damaged)));
            Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    private static void Refused(string csr, string reason)
    {
        var error = Assert.Throws<CdfException>(() => SigningRequest.Parse(csr));
        Assert.Equal("InvalidRequestException", error.ErrorTypeName);
        Assert.StartsWith("The CSR ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static string NewCsr(OpenSsl openssl, string keyType, string subject = "/O=Example/CN=sensor-1")
    {
        openssl.Run($"req -new -newkey {keyType} -nodes -keyout device.key -out device.csr", subject);
        return openssl.Read("device.csr");
    }

    private static byte[] Der(string pem) => Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]);
}
