
namespace CdfProvisioning.Certificates;

/// <summary>Makes CAs, and the proof that one holds a CA's key.</summary>
internal static class CertificateAuthorities
{
    private static readonly TimeSpan VerificationValidity = TimeSpan.FromDays(1);

    /// <summary>A self-signed CA with a new key, valid from now on.</summary>
    /// <param name="subject">Its name.</param>
    /// <param name="validity">For how long.</param>
    /// <param name="algorithm">Of what kind its key is.</param>
    /// <param name="rsaBits">The size of an RSA key.</param>
    /// <exception cref="CdfException">The validity is not positive, or reaches beyond the year 9999.</exception>
    public static (ParsedCertificate Certificate, DeviceKey Key) CreateRoot(
        X509Name subject, TimeSpan validity, KeyAlgorithm algorithm = KeyAlgorithm.P256, int rsaBits = 2048)
    {
        var now = DateTimeOffset.UtcNow;
        if (validity <= TimeSpan.Zero || validity > DateTimeOffset.MaxValue - now)
            throw CdfErrorCode.InvalidRequest.Error($"A validity of {validity.TotalDays:0} days is not possible for the CA '{subject}': give 1 day or more, ending by the year 9999.");

        var key = DeviceKey.Create(algorithm, rsaBits);
        var publicKey = PublicKey.Read(key.SubjectPublicKeyInfo);
        var writer = new CertificateWriter(subject, SigningKey.FromPem(key.PrivateKeyPem, password: null, algorithm), publicKey.Identifier);
        var der = writer.Write(subject, publicKey, now, now + validity, IssueProfile.Authority);
        return (ParsedCertificate.FromDer(der, $"The CA '{subject}'"), key);
    }

    /// <summary>The verification certificate of RegisterCACertificate: signed by the CA, its common name is the registry's registration code.</summary>
    public static ParsedCertificate IssueVerification(CertificateSigner ca, string registrationCode)
    {
        var now = DateTimeOffset.UtcNow;
        var subject = new SubjectFields(CommonName: registrationCode).ToName();
        return ca.Issue(subject, DeviceKey.CreateP256().SubjectPublicKeyInfo, now, now + VerificationValidity, IssueProfile.Device);
    }
}
