using System.Security.Cryptography;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Certificates;

/// <summary>A CA: its certificate and its private key. Thread-safe; keep it, for loading costs more than issuing.</summary>
internal sealed class CertificateSigner
{
    private readonly SigningKey _key;
    private readonly CertificateWriter _writer;

    private CertificateSigner(ParsedCertificate certificate, SigningKey key)
    {
        _key = key;
        Certificate = certificate;
        _writer = new CertificateWriter(certificate.Subject, key, certificate.SubjectKeyIdentifier ?? certificate.PublicKey.Identifier);
    }

    public ParsedCertificate Certificate { get; }

    /// <param name="certificatePem">The CA's certificate.</param>
    /// <param name="privateKeyPem">Its key: PKCS#8, encrypted or not, SEC 1 (EC) or PKCS#1 (RSA).</param>
    /// <param name="password">Of an encrypted key; not looked at otherwise.</param>
    /// <exception cref="CdfException">The certificate is not a CA's, or the key cannot be read or is another certificate's.</exception>
    public static CertificateSigner Load(string certificatePem, string privateKeyPem, string? password)
    {
        var certificate = ParseCa(certificatePem);
        return Of(certificate, LoadKey(certificate, privateKeyPem, password));
    }

    /// <summary>A CA whose key signs elsewhere.</summary>
    /// <exception cref="CdfException">The certificate is not a CA's, the key is another certificate's, or it cannot sign.</exception>
    public static CertificateSigner Load(string certificatePem, RemoteKey key) => Of(ParseCa(certificatePem), key);

    /// <summary>What an <see cref="ICaKeyStore"/> keeps of the key.</summary>
    public string ExportKey() => _key.Export();

    /// <param name="subject">Whose certificate it is.</param>
    /// <param name="subjectPublicKeyInfo">The subject's public key, encoded.</param>
    /// <param name="notBefore">The certificate counts whole seconds.</param>
    /// <param name="notAfter">May lie beyond the CA's own end: refusing that is the caller's decision.</param>
    /// <param name="profile">What the certificate is for.</param>
    /// <exception cref="CdfException">It would end before it begins.</exception>
    public ParsedCertificate Issue(
        X509Name subject, ReadOnlyMemory<byte> subjectPublicKeyInfo, DateTimeOffset notBefore, DateTimeOffset notAfter, IssueProfile profile)
    {
        var der = _writer.Write(subject, PublicKey.Read(subjectPublicKeyInfo), notBefore, notAfter, profile);
        var certificate = ParsedCertificate.Issued(der, Certificate, notAfter);
        RecentlyIssued.Remember(certificate);
        return certificate;
    }

    private static ParsedCertificate ParseCa(string certificatePem)
    {
        var certificate = ParsedCertificate.FromPem(certificatePem, "The CA certificate");
        if (!certificate.IsCertificateAuthority)
            throw IotErrorType.CertificateValidation.Error(
                $"The certificate '{certificate.Subject}' is not a CA certificate (its basicConstraints do not say CA:TRUE); give the CA's own.");
        if (certificate.PublicKey.Algorithm == KeyAlgorithm.Unsupported)
            throw IotErrorType.CertificateValidation.Error(
                $"The CA certificate '{certificate.Subject}' has a key that is neither RSA nor EC on P-256, P-384 or P-521; use such a CA.");
        return certificate;
    }

    private static CertificateSigner Of(ParsedCertificate certificate, SigningKey key) =>
        Belongs(key, certificate) ? new CertificateSigner(certificate, key) : throw NotItsKey(certificate);

    private static HeldKey LoadKey(ParsedCertificate certificate, string pem, string? password)
    {
        try
        {
            return HeldKey.FromPem(pem, password, certificate.PublicKey.Algorithm);
        }
        catch (ArgumentException) when (password is null && pem.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            throw CdfErrorCode.InvalidRequest.Error($"The private key of the CA '{certificate.Subject}' is encrypted; give its password.");
        }
        catch (ArgumentException)
        {
            throw CdfErrorCode.InvalidRequest.Error(
                $"The private key of the CA '{certificate.Subject}' is not one PEM block of type PRIVATE KEY, ENCRYPTED PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY "
                + "that fits its certificate; 'openssl pkcs8 -topk8' converts others.");
        }
        catch (CryptographicException)
        {
            throw CdfErrorCode.InvalidRequest.Error(
                $"The private key of the CA '{certificate.Subject}' cannot be read: it is damaged, of another algorithm than its certificate, encrypted otherwise than with PBKDF2, or its password is wrong.");
        }
    }

    /// <summary>Signs something, for that settles it whatever the form in which the two public keys are written.</summary>
    private static bool Belongs(SigningKey key, ParsedCertificate certificate)
    {
        var probe = certificate.Fingerprint;
        try
        {
            return certificate.PublicKey.Verifies(new SignedObject(probe, key.AlgorithmIdentifier, key.Sign(probe)));
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static CdfException NotItsKey(ParsedCertificate certificate) =>
        CdfErrorCode.InvalidRequest.Error($"The private key given for the CA '{certificate.Subject}' is not the key of its certificate {certificate.Id}.");
}
