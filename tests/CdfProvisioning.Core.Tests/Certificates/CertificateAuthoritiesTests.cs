using CdfProvisioning.Certificates;
using Xunit;

namespace CdfProvisioning.Tests.Certificates;

public sealed class CertificateAuthoritiesTests
{
    private const string RegistrationCode = "94e3ff7ac7a9e2cbd4a6d3b1f0f9c0a46e2b0c2b64a2bd8a1bd6fb1b8c6bbf0d";

    [Fact]
    public void A_root_passes_strict_verification_of_itself()
    {
        using var openssl = new OpenSsl();
        var (root, key) = CertificateAuthorities.CreateRoot(Make.Name("Root"), TimeSpan.FromDays(3650));
        openssl.Write("root.pem", root.Pem);
        openssl.Write("root.key", key.PrivateKeyPem);

        openssl.Run("verify -x509_strict -check_ss_sig -CAfile root.pem root.pem");
        Assert.Equal(openssl.Run("x509 -in root.pem -noout -pubkey"), openssl.Run("pkey -in root.key -pubout"));
        Assert.True(root.IsCertificateAuthority);
        Assert.Equal(TimeSpan.FromDays(3650), root.NotAfter - root.NotBefore);
    }

    [Theory, InlineData(0), InlineData(-5), InlineData(3_000_000)]
    public void An_impossible_validity_is_refused(int days) =>
        Assert.Throws<CdfException>(() => CertificateAuthorities.CreateRoot(Make.Name("Root"), TimeSpan.FromDays(days)));

    [Fact]
    public void A_verification_certificate_shows_the_registration_code_under_the_CAs_signature()
    {
        var ca = Make.Ca();

        var verification = CertificateAuthorities.IssueVerification(ca, RegistrationCode);

        Assert.Equal(RegistrationCode, verification.Subject.CommonName);
        Assert.True(Make.Reread(verification).IsSignedBy(ca.Certificate));
    }

    [Theory, InlineData("RSA2048"), InlineData("P256")]
    public void The_local_CA_issues_what_AWS_issues(string algorithm)
    {
        using var openssl = new OpenSsl();
        var (certificate, key) = AwsCertificates.CreateAuthority(KeyAlgorithms.Parse(algorithm));
        var authority = CertificateSigner.Load(certificate.Pem, key.PrivateKeyPem, password: null);

        var device = AwsCertificates.Issue(authority, DeviceKey.CreateRsa2048(), Make.Now);

        openssl.Write("ca.pem", certificate.Pem);
        openssl.Write("device.pem", device.Pem);
        openssl.Run("verify -x509_strict -CAfile ca.pem device.pem");
        Assert.Equal("CN=AWS IoT Certificate", device.Subject.ToString());
        Assert.Equal("OU=\"Amazon Web Services O=Amazon.com Inc. L=Seattle ST=Washington C=US\"", device.Issuer.ToString());
        Assert.Equal(Make.Now.AddSeconds(-120), device.NotBefore);
        Assert.Equal(new DateTimeOffset(2049, 12, 31, 23, 59, 59, TimeSpan.Zero), device.NotAfter);
        Assert.Equal(20, device.SerialNumber.Length / 2);
        Assert.True(device.NotAfter < certificate.NotAfter);
    }

    [Theory, InlineData("/O=Example/CN=sensor-1", "CN=sensor-1, O=Example"), InlineData("/", "CN=AWS IoT Certificate")]
    public void A_certificate_for_a_CSR_has_its_subject_unless_that_is_empty(string asked, string given)
    {
        using var openssl = new OpenSsl();
        openssl.Run("req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout device.key -out device.csr", asked);
        var request = SigningRequest.Parse(openssl.Read("device.csr"));

        var device = AwsCertificates.Issue(Make.Ca(), request, Make.Now);

        Assert.Equal(given, device.Subject.ToString());
        Assert.Equal(request.PublicKey.Der, device.PublicKey.Der);
    }
}
