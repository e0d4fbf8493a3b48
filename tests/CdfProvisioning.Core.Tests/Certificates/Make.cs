using CdfProvisioning.Certificates;
using FsCheck;
using FsCheck.Fluent;

namespace CdfProvisioning.Tests.Certificates;

internal static class Make
{
    public static readonly DateTimeOffset Now = new(DateTimeOffset.UtcNow.Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero);

    public static CertificateSigner Ca(string commonName = "Test CA")
    {
        var (certificate, key) = CertificateAuthorities.CreateRoot(Name(commonName), TimeSpan.FromDays(365));
        return CertificateSigner.Load(certificate.Pem, key.PrivateKeyPem, password: null);
    }

    public static ParsedCertificate Device(CertificateSigner ca, string commonName = "sensor-1") =>
        ca.Issue(Name(commonName), DeviceKey.CreateP256().SubjectPublicKeyInfo, Now, Now.AddDays(30), IssueProfile.Device);

    public static X509Name Name(string commonName) => new SubjectFields(CommonName: commonName, Organization: "Example").ToName();

    /// <summary>The same certificate, as someone sees it who did not see it made.</summary>
    public static ParsedCertificate Reread(ParsedCertificate certificate) => ParsedCertificate.FromDer(certificate.Der, "The certificate");

    /// <summary>The bytes with one of them changed.</summary>
    public static Arbitrary<byte[]> Damaged(byte[] bytes) => (
        from position in Gen.Choose(0, bytes.Length - 1)
        from change in Gen.Choose(1, 255)
        select bytes.Select((b, i) => i == position ? (byte)(b ^ change) : b).ToArray()).ToArbitrary();
}
