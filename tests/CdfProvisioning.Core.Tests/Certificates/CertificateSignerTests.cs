using System.Collections.Concurrent;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Certificates;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CdfProvisioning.Tests.Certificates;

public sealed class CertificateSignerTests
{
    [Theory, MemberData(nameof(ParsedCertificateTests.KeyTypes), MemberType = typeof(ParsedCertificateTests))]
    public void What_it_issues_passes_strict_verification(string caKeyType)
    {
        using var openssl = new OpenSsl();
        openssl.MakeCa(caKeyType);
        var ca = CertificateSigner.Load(openssl.Read("ca.pem"), openssl.Read("ca.key"), password: null);

        var device = Make.Device(ca);

        openssl.Write("device.pem", device.Pem);
        Assert.Contains("device.pem: OK", openssl.Run("verify -x509_strict -purpose any -CAfile ca.pem device.pem"), StringComparison.Ordinal);
        Assert.True(ChainBuilds(ca.Certificate, device));
        Assert.True(Make.Reread(device).IsSignedBy(ca.Certificate));
    }

    [Fact]
    public void OpenSsl_shows_what_a_device_certificate_says()
    {
        using var openssl = new OpenSsl();
        var ca = Make.Ca();
        var device = Make.Device(ca);
        openssl.Write("device.pem", device.Pem);

        var text = openssl.Run("x509 -in device.pem -noout -text");

        Assert.Contains("Version: 3 (0x2)", text, StringComparison.Ordinal);
        Assert.Contains("X509v3 Basic Constraints: critical\n                CA:FALSE", text, StringComparison.Ordinal);
        Assert.Contains("X509v3 Key Usage: critical\n                Digital Signature\n", text, StringComparison.Ordinal);
        Assert.Contains($"X509v3 Subject Key Identifier: \n                {Colons(device.SubjectKeyIdentifier)}", text, StringComparison.Ordinal);
        Assert.Contains($"X509v3 Authority Key Identifier: \n                {Colons(ca.Certificate.SubjectKeyIdentifier)}", text, StringComparison.Ordinal);
        Assert.Equal(device.PublicKey.Identifier, device.SubjectKeyIdentifier);
        Assert.Contains($"Serial Number:\n            {Colons(Convert.FromHexString(device.SerialNumber)).ToLowerInvariant()}", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_authority_below_an_authority_can_issue()
    {
        using var openssl = new OpenSsl();
        var root = Make.Ca("Root");
        var key = DeviceKey.CreateP256();
        var middle = root.Issue(Make.Name("Middle"), key.SubjectPublicKeyInfo, Make.Now, Make.Now.AddDays(30), IssueProfile.Authority);
        var device = Make.Device(CertificateSigner.Load(middle.Pem, key.PrivateKeyPem, password: null));
        openssl.Write("root.pem", root.Certificate.Pem);
        openssl.Write("middle.pem", middle.Pem);
        openssl.Write("device.pem", device.Pem);

        openssl.Run("verify -x509_strict -CAfile root.pem -untrusted middle.pem device.pem");
        Assert.Contains("Certificate Sign, CRL Sign", openssl.Run("x509 -in middle.pem -noout -text"), StringComparison.Ordinal);
        Assert.NotEqual(0, openssl.TryRun("verify -x509_strict -CAfile root.pem device.pem").ExitCode);
    }

    [Fact]
    public void A_device_certificate_cannot_sign_others()
    {
        var key = DeviceKey.CreateP256();
        var device = Make.Ca().Issue(Make.Name("sensor"), key.SubjectPublicKeyInfo, Make.Now, Make.Now.AddDays(1), IssueProfile.Device);

        var error = Assert.Throws<CdfException>(() => CertificateSigner.Load(device.Pem, key.PrivateKeyPem, password: null));

        Assert.Contains("not a CA certificate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_authority_with_a_key_that_AWS_does_not_accept_cannot_sign()
    {
        using var openssl = new OpenSsl();
        openssl.MakeCa("ec -pkeyopt ec_paramgen_curve:secp256k1");

        var error = Assert.Throws<CdfException>(() => CertificateSigner.Load(openssl.Read("ca.pem"), openssl.Read("ca.key"), password: null));

        Assert.Contains("neither RSA nor EC on P-256, P-384 or P-521", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_is_kept_signs_again()
    {
        var ca = Make.Ca();

        var again = CertificateSigner.Load(ca.Certificate.Pem, ca.ExportKey(), password: null);

        Assert.True(Make.Reread(Make.Device(again)).IsSignedBy(ca.Certificate));
    }

    [Theory]
    [InlineData("1999-12-31T23:59:59Z", "2049-12-31T23:59:59Z", "UTCTIME")]
    [InlineData("2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z", "GENERALIZEDTIME")]
    [InlineData("1950-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "GENERALIZEDTIME")]
    public void Times_are_written_as_the_century_demands(string from, string to, string typeOfNotAfter)
    {
        using var openssl = new OpenSsl();
        var (notBefore, notAfter) = (DateTimeOffset.Parse(from, null), DateTimeOffset.Parse(to, null));
        var certificate = Make.Ca().Issue(Make.Name("sensor"), DeviceKey.CreateP256().SubjectPublicKeyInfo, notBefore.AddMilliseconds(700), notAfter, IssueProfile.Device);
        openssl.Write("device.pem", certificate.Pem);

        Assert.Equal((notBefore, notAfter), (certificate.NotBefore, certificate.NotAfter));
        var times = openssl.Run("asn1parse -in device.pem").Split('\n').Where(l => l.Contains("TIME", StringComparison.Ordinal)).ToList();
        Assert.Contains("UTCTIME", times[0], StringComparison.Ordinal);
        Assert.Contains(typeOfNotAfter, times[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_cannot_end_before_it_begins()
    {
        var ca = Make.Ca();
        var key = DeviceKey.CreateP256().SubjectPublicKeyInfo;

        Assert.Throws<CdfException>(() => ca.Issue(Make.Name("sensor-9"), key, Make.Now, Make.Now.AddSeconds(-1), IssueProfile.Device));
        Assert.Equal(Make.Now, ca.Issue(Make.Name("sensor-9"), key, Make.Now, Make.Now, IssueProfile.Device).NotAfter);
    }

    [Fact]
    public void Any_validity_is_read_back_to_the_second()
    {
        var ca = Make.Ca();
        var key = DeviceKey.CreateP256().SubjectPublicKeyInfo;

        Prop.ForAll<DateTimeOffset, DateTimeOffset>((a, b) =>
        {
            var (from, to) = a < b ? (a, b) : (b, a);
            var certificate = ca.Issue(Make.Name("sensor"), key, from, to, IssueProfile.Device);
            Assert.Equal((certificate.NotBefore, certificate.NotAfter), CertificateContent.ReadValidity(certificate.Der));
            return certificate.NotBefore.ToUnixTimeSeconds() == from.ToUnixTimeSeconds() && certificate.NotAfter.ToUnixTimeSeconds() == to.ToUnixTimeSeconds();
        }).QuickCheckThrowOnFailure();
    }

    /// <summary>One of its numbers begins with a zero byte in every 128th, and with a bit that is set in every other: neither may be written as it is (X.690, section 8.3.2).</summary>
    [Theory]
    [InlineData("nistP256")]
    [InlineData("nistP384")]
    [InlineData("nistP521")]
    public void Every_signature_of_many_is_strict_DER_that_verifies(string curve)
    {
        using var key = ECDsa.Create(ECCurve.CreateFromFriendlyName(curve));
        var algorithm = curve switch { "nistP256" => KeyAlgorithm.P256, "nistP384" => KeyAlgorithm.P384, _ => KeyAlgorithm.P521 };
        var hash = curve switch { "nistP256" => HashAlgorithmName.SHA256, "nistP384" => HashAlgorithmName.SHA384, _ => HashAlgorithmName.SHA512 };
        var held = HeldKey.FromPem(key.ExportPkcs8PrivateKeyPem(), password: null, algorithm);

        for (var i = 0; i < 600; i++)
        {
            byte[] content = [(byte)i, (byte)(i >> 8)];
            var signature = held.Sign(content);

            Assert.True(key.VerifyData(content, signature, hash, DSASignatureFormat.Rfc3279DerSequence));
            var numbers = new AsnReader(signature, AsnEncodingRules.DER).ReadSequence();
            Assert.True(numbers.ReadInteger() > 0 && numbers.ReadInteger() > 0);
            numbers.ThrowIfNotEmpty();
        }
    }

    [Fact]
    public void Many_threads_issue_from_one_CA()
    {
        var ca = Make.Ca();
        var issuer = Make.Reread(ca.Certificate);
        var serials = new ConcurrentDictionary<string, bool>();

        Parallel.For(0, 400, i =>
        {
            var device = Make.Reread(Make.Device(ca, $"sensor-{i}"));
            Assert.True(device.IsSignedBy(issuer));
            Assert.True(serials.TryAdd(device.SerialNumber, true));
        });
    }

    [Fact]
    public void A_certificate_passed_on_as_text_is_known_to_be_the_CAs_own()
    {
        var ca = Make.Ca();
        var device = Make.Device(ca);

        var received = ParsedCertificate.FromPem(string.Concat(device.Pem[..10], device.Pem[10..]), "The certificate");

        Assert.Same(ca.Certificate, received.IssuedBy);
        Assert.True(received.IsSignedBy(ca.Certificate));
        Assert.False(received.IsSignedBy(Make.Ca().Certificate));
    }

    [Theory]
    [InlineData("rsa:2048", "rsa -in ca.key -traditional -out other.key", "BEGIN RSA PRIVATE KEY")]
    [InlineData("ec -pkeyopt ec_paramgen_curve:P-384", "ec -in ca.key -out other.key", "BEGIN EC PRIVATE KEY")]
    [InlineData("ec -pkeyopt ec_paramgen_curve:P-256", "pkcs8 -topk8 -in ca.key -out other.key -v2 aes-256-cbc -passout pass:secret", "BEGIN ENCRYPTED PRIVATE KEY")]
    public void A_CA_key_may_come_in_any_usual_form(string keyType, string convert, string label)
    {
        using var openssl = new OpenSsl();
        openssl.MakeCa(keyType);
        openssl.Run(convert);
        var key = openssl.Read("other.key");
        Assert.Contains(label, key, StringComparison.Ordinal);

        var ca = CertificateSigner.Load(openssl.Read("ca.pem"), key, "secret");

        Assert.True(Make.Reread(Make.Device(ca)).IsSignedBy(ca.Certificate));
    }

    [Fact]
    public void A_key_that_cannot_serve_is_refused_and_never_shown()
    {
        using var openssl = new OpenSsl();
        openssl.MakeCa("ec -pkeyopt ec_paramgen_curve:P-256");
        openssl.Run("pkcs8 -topk8 -in ca.key -out encrypted.key -passout pass:secret");
        openssl.Run("pkcs8 -topk8 -in ca.key -out scrypt.key -scrypt -passout pass:secret");
        openssl.Run("ecparam -name prime256v1 -genkey -out other.key");
        openssl.Run("genrsa -out rsa.key 2048");
        openssl.Run("rsa -in rsa.key -traditional -aes128 -passout pass:secret -out legacy.key");
        var ca = openssl.Read("ca.pem");
        var key = openssl.Read("ca.key");

        Refused(ca, openssl.Read("other.key"), null, "is not the key of its certificate");
        Refused(ca, openssl.Read("rsa.key"), null, "of another algorithm");
        Refused(ca, openssl.Read("encrypted.key"), null, "is encrypted; give its password");
        Refused(ca, openssl.Read("encrypted.key"), "wrong", "its password is wrong");
        Refused(ca, openssl.Read("scrypt.key"), "secret", "encrypted otherwise than with PBKDF2");
        Refused(ca, openssl.Read("legacy.key"), "secret", "openssl pkcs8 -topk8");
        Refused(ca, key[..^30], null, "not one PEM block");
        Refused(ca, key.Replace("MIG", "MIH", StringComparison.Ordinal), null, "cannot be read");
        Refused(ca, ca, null, "not one PEM block");
        Refused(ca, key + openssl.Read("other.key"), null, "not one PEM block");
    }

    private static void Refused(string ca, string key, string? password, string reason)
    {
        var error = Assert.Throws<CdfException>(() => CertificateSigner.Load(ca, key, password));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(key.Split('\n')[1], error.ToString(), StringComparison.Ordinal);
    }

    private static bool ChainBuilds(ParsedCertificate root, ParsedCertificate leaf)
    {
        using var theirRoot = X509CertificateLoader.LoadCertificate(root.Der);
        using var theirLeaf = X509CertificateLoader.LoadCertificate(leaf.Der);
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(theirRoot);
        return chain.Build(theirLeaf);
    }

    private static string Colons(byte[]? bytes) => string.Join(':', bytes!.Select(b => b.ToString("X2", null)));
}
