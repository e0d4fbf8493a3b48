using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Certificates;

namespace CdfProvisioning.Testing;

/// <summary>CAs, certificates, CSRs and policy documents that somebody else could have made.</summary>
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
        var key = ca.ExportKey();
        using var request = ECDsa.Create();
        request.ImportFromPem(key);
        var certificate = ca.Issue(ca.Certificate.Subject, request.ExportSubjectPublicKeyInfo(), Now, Now.AddYears(1), IssueProfile.Authority);
        return CertificateSigner.Load(certificate.Pem, key, password: null);
    }

    public static ParsedCertificate Device(CertificateSigner ca, string commonName = "sensor-1") =>
        ca.Issue(new SubjectFields(commonName).ToName(), DeviceKey.CreateP256().SubjectPublicKeyInfo, Now, Now.AddDays(30), IssueProfile.Device);

    public static string Csr(string commonName = "sensor-1")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Request(commonName, key).CreateSigningRequestPem();
    }

    /// <summary>A certificate (PEM) whose CA nobody knows.</summary>
    public static string ForeignCertificate(string commonName)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Request(commonName, key).CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1));
        return certificate.ExportCertificatePem() + "\n";
    }

    /// <summary>A self-signed certificate with its key, for TLS under that name.</summary>
    public static X509Certificate2 ServerCertificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(name, key);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1));
    }

    /// <summary>A policy document that allows an action.</summary>
    public static string PolicyDocument(string action) => $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"{{action}}","Resource":"*"}]}""";

    private static DateTimeOffset Now { get; } = DateTimeOffset.UtcNow;

    private static CertificateRequest Request(string commonName, ECDsa key) => new($"CN={commonName.Replace(':', '-')}", key, HashAlgorithmName.SHA256);
}
