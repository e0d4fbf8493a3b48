using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Certificates;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CdfProvisioning.Tests.Certificates;

public sealed class ParsedCertificateTests
{
    public static TheoryData<string> KeyTypes => ["ec -pkeyopt ec_paramgen_curve:P-256", "ec -pkeyopt ec_paramgen_curve:P-384", "ec -pkeyopt ec_paramgen_curve:P-521", "rsa:2048"];

    public static TheoryData<string> Signatures =>
    [
        "ec -pkeyopt ec_paramgen_curve:P-256 -sha256", "ec -pkeyopt ec_paramgen_curve:P-384 -sha384", "ec -pkeyopt ec_paramgen_curve:P-521 -sha512",
        "rsa:2048 -sha256", "rsa:2048 -sha384", "rsa:2048 -sha512",
        "rsa:2048 -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-1",
        "rsa:2048 -sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-1",
        "rsa:2048 -sha512 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-1",
    ];

    [Theory, MemberData(nameof(KeyTypes))]
    public void A_certificate_of_openssl_is_read_as_dotnet_reads_it(string keyType)
    {
        using var openssl = new OpenSsl();
        openssl.MakeCa(keyType);
        using var theirs = X509Certificate2.CreateFromPem(openssl.Read("ca.pem"));

        var ours = ParsedCertificate.FromPem(openssl.Read("ca.pem"), "The certificate");

        Assert.Equal(theirs.RawData, ours.Der);
        Assert.Equal(theirs.GetCertHashString(HashAlgorithmName.SHA256), ours.Id, ignoreCase: true);
        Assert.Equal(theirs.SerialNumber, ours.SerialNumber);
        Assert.Equal(theirs.NotBefore.ToUniversalTime(), ours.NotBefore.UtcDateTime);
        Assert.Equal(theirs.NotAfter.ToUniversalTime(), ours.NotAfter.UtcDateTime);
        Assert.Equal((ours.NotBefore, ours.NotAfter), CertificateContent.ReadValidity(ours.Der));
        Assert.Equal(theirs.Subject, ours.Subject.ToString());
        Assert.Equal(theirs.SubjectName.RawData, ours.Issuer.Der);
        Assert.Equal("Example CA", ours.Subject.CommonName);
        Assert.Equal(theirs.PublicKey.ExportSubjectPublicKeyInfo(), ours.PublicKey.Der);
        Assert.Equal(theirs.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single().SubjectKeyIdentifierBytes, ours.SubjectKeyIdentifier);
        Assert.Equal(ours.PublicKey.Identifier, ours.SubjectKeyIdentifier);
        Assert.Equal(ours.SubjectKeyIdentifier, ours.AuthorityKeyIdentifier);
        Assert.True(ours.IsCertificateAuthority);
        Assert.Equal(openssl.Read("ca.pem"), ours.Pem);
    }

    [Theory, MemberData(nameof(Signatures))]
    public void A_signature_is_checked_with_the_issuers_key(string signedWith)
    {
        using var openssl = new OpenSsl();
        openssl.MakeCa(signedWith);
        var ca = ParsedCertificate.FromPem(openssl.Read("ca.pem"), "The CA");
        var (der, last) = (ca.Der.ToArray(), ca.Der.Length - 1);
        der[last] ^= 1;

        Assert.True(ca.IsSignedBy(ca));
        Assert.False(ParsedCertificate.FromDer(der, "The CA").IsSignedBy(ca));
        Assert.False(ca.IsSignedBy(Make.Ca().Certificate));
    }

    [Fact]
    public void Another_CA_of_the_same_name_did_not_sign_it()
    {
        var device = Make.Reread(Make.Device(Make.Ca("Twin")));

        var twin = Make.Ca("Twin").Certificate;

        Assert.Equal(twin.Subject, device.Issuer);
        Assert.False(device.IsSignedBy(twin));
    }

    [Fact]
    public void Many_threads_check_against_one_CA()
    {
        var ca = Make.Ca();
        var devices = Enumerable.Range(0, 20).Select(_ => Make.Reread(Make.Device(ca))).ToList();
        var issuer = Make.Reread(ca.Certificate);

        Parallel.For(0, 400, i => Assert.True(devices[i % devices.Count].IsSignedBy(issuer)));
    }

    [Fact]
    public void A_signature_algorithm_that_AWS_does_not_accept_is_named()
    {
        using var openssl = new OpenSsl();
        openssl.MakeCa("rsa:2048 -sha1");
        var ca = ParsedCertificate.FromPem(openssl.Read("ca.pem"), "The CA");

        var error = Assert.Throws<CdfException>(() => ca.IsSignedBy(ca));

        Assert.Contains("1.2.840.113549.1.1.5 is not supported", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_before_the_certificate_and_Windows_line_ends_do_not_matter()
    {
        var certificate = Make.Ca().Certificate;

        var read = ParsedCertificate.FromPem("Certificate:\n    Data:\n" + certificate.Pem.ReplaceLineEndings("\r\n"), "The certificate");

        Assert.Equal(certificate.Pem, read.Pem);
    }

    [Fact]
    public void The_chain_of_a_certificate_may_follow_it()
    {
        var ca = Make.Ca();
        var device = Make.Device(ca);

        Assert.Equal(device.Pem, ParsedCertificate.FromPem($"{device.Pem}\n{ca.Certificate.Pem}# the root\n{Make.Ca().Certificate.Pem}", "The certificate").Pem);
    }

    [Fact]
    public void What_is_not_one_whole_certificate_is_refused_with_the_reason()
    {
        var pem = Make.Ca().Certificate.Pem;
        var der = Make.Ca().Certificate.Der;

        Refused("", "not PEM text");
        Refused(pem[..^30], "not PEM text");
        Refused(pem + DeviceKey.CreateP256().PrivateKeyPem, "followed by a PEM block of type PRIVATE KEY");
        Refused(pem + "and more", "text after -----END CERTIFICATE-----");
        Refused(DeviceKey.CreateP256().PublicKeyPem, "of type PUBLIC KEY");
        Refused(new string('x', 65_537), "the limit is 65536");
        Refused(new string('x', 65_536), "not PEM text");
        Refused(PemEncoding.WriteString("CERTIFICATE", der.AsSpan(..^1)), "not a valid X.509 certificate");
        Refused(PemEncoding.WriteString("CERTIFICATE", [.. der, 0]), "not a valid X.509 certificate");
        Refused(PemEncoding.WriteString("CERTIFICATE", []), "not a valid X.509 certificate");
    }

    [Fact]
    public void Random_bytes_are_refused_and_nothing_worse() => Prop.ForAll<byte[]>(ReadsOrRefuses).QuickCheckThrowOnFailure();

    [Fact]
    public void A_damaged_certificate_is_read_or_refused_and_never_accepted_as_signed()
    {
        var ca = Make.Ca();
        var issuer = Make.Reread(ca.Certificate);
        var der = Make.Device(ca).Der;

        Prop.ForAll(Make.Damaged(der), damaged => !IsSigned(damaged, issuer)).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public void A_damaged_issuer_key_is_an_error_of_ours()
    {
        var ca = Make.Ca();
        var device = Make.Reread(Make.Device(ca));

        Prop.ForAll(Make.Damaged(ca.Certificate.Der), damaged =>
        {
            try
            {
                device.IsSignedBy(ParsedCertificate.FromDer(damaged, "The CA"));
            }
            catch (CdfException)
            {
                // Refused, as it should be.
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public void Damaged_text_is_read_or_refused_and_nothing_worse()
    {
        var pem = Make.Ca().Certificate.Pem;

        Prop.ForAll(Gen.Choose(0, pem.Length - 1).ToArbitrary(), ArbMap.Default.ArbFor<char>(), (at, character) =>
        {
            try
            {
                ParsedCertificate.FromPem($"{pem[..at]}{character}{pem[(at + 1)..]}", "The certificate");
            }
            catch (CdfException)
            {
                // Refused, as it should be.
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    private static void Refused(string pem, string reason)
    {
        var error = Assert.Throws<CdfException>(() => ParsedCertificate.FromPem(pem, "The certificate of row 7"));
        Assert.Equal("CertificateValidationException", error.ErrorTypeName);
        Assert.StartsWith("The certificate of row 7 ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static void ReadsOrRefuses(byte[] der)
    {
        try
        {
            ParsedCertificate.FromDer(der, "The certificate").Subject.ToString();
        }
        catch (CdfException error)
        {
            Assert.Equal("CertificateValidationException", error.ErrorTypeName);
        }
    }

    private static bool IsSigned(byte[] der, ParsedCertificate issuer)
    {
        try
        {
            var certificate = ParsedCertificate.FromDer(der, "The certificate");
            Assert.NotNull(certificate.Subject.ToString() + certificate.Issuer + certificate.Subject.CommonName);
            return certificate.IsSignedBy(issuer);
        }
        catch (CdfException)
        {
            return false;
        }
    }
}
