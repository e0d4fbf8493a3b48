using CdfProvisioning.Certificates;

namespace CdfProvisioning.Tests.Registry;

/// <summary>CAs and certificates that somebody else could have made.</summary>
internal static class Make
{
    public static CertificateSigner Ca(string commonName)
    {
        var (certificate, key) = CertificateAuthorities.CreateRoot(new SubjectFields(commonName).ToName(), TimeSpan.FromDays(365));
        return CertificateSigner.Load(certificate.Pem, key.PrivateKeyPem, password: null);
    }

    /// <summary>Another certificate for the same CA: same name, same key.</summary>
    public static CertificateSigner Renewed(CertificateSigner ca)
    {
        var key = ca.ExportPrivateKeyPem();
        var request = System.Security.Cryptography.ECDsa.Create();
        request.ImportFromPem(key);
        using (request)
        {
            var certificate = ca.Issue(ca.Certificate.Subject, request.ExportSubjectPublicKeyInfo(), Now, Now.AddYears(1), IssueProfile.Authority);
            return CertificateSigner.Load(certificate.Pem, key, password: null);
        }
    }

    public static ParsedCertificate Device(CertificateSigner ca, string commonName = "sensor-1") =>
        ca.Issue(new SubjectFields(commonName).ToName(), DeviceKey.CreateP256().SubjectPublicKeyInfo, Now, Now.AddDays(30), IssueProfile.Device);

    public static string Csr(string commonName = "sensor-1")
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        return new System.Security.Cryptography.X509Certificates.CertificateRequest(
            $"CN={commonName}", key, System.Security.Cryptography.HashAlgorithmName.SHA256).CreateSigningRequestPem();
    }

    private static DateTimeOffset Now { get; } = DateTimeOffset.UtcNow;
}
