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
        CheckValidity(subject, validity);
        var key = DeviceKey.Create(algorithm, rsaBits);
        var signs = HeldKey.FromPem(key.PrivateKeyPem, password: null, algorithm);
        return (CreateRoot(subject, validity, signs, PublicKey.Read(key.SubjectPublicKeyInfo)), key);
    }

    /// <summary>A self-signed CA with a key that is there, valid from now on.</summary>
    /// <inheritdoc cref="CreateRoot(X509Name, TimeSpan, KeyAlgorithm, int)"/>
    public static ParsedCertificate CreateRoot(X509Name subject, TimeSpan validity, RemoteKey key)
    {
        CheckValidity(subject, validity);
        return CreateRoot(subject, validity, key, key.PublicKey);
    }

    /// <summary>The verification certificate of RegisterCACertificate: signed by the CA, its common name is the registry's registration code.</summary>
    public static ParsedCertificate IssueVerification(CertificateSigner ca, string registrationCode)
    {
        var now = DateTimeOffset.UtcNow;
        var subject = new SubjectFields(CommonName: registrationCode).ToName();
        return ca.Issue(subject, DeviceKey.CreateP256().SubjectPublicKeyInfo, now, now + VerificationValidity, IssueProfile.Device);
    }

    private static ParsedCertificate CreateRoot(X509Name subject, TimeSpan validity, SigningKey key, PublicKey publicKey)
    {
        var now = DateTimeOffset.UtcNow;
        var der = new CertificateWriter(subject, key, publicKey.Identifier).Write(subject, publicKey, now, now + validity, IssueProfile.Authority);
        return ParsedCertificate.FromDer(der, $"The CA '{subject}'");
    }

    private static void CheckValidity(X509Name subject, TimeSpan validity)
    {
        if (validity <= TimeSpan.Zero || validity > DateTimeOffset.MaxValue - DateTimeOffset.UtcNow.AddMinutes(1))
            throw CdfErrorCode.InvalidRequest.Error($"A validity of {validity.TotalDays:0} days is not possible for the CA '{subject}': give 1 day or more, ending by the year 9999.");
    }
}
