namespace CdfProvisioning.Certificates;

/// <summary>What AWS IoT's own CA issues for CreateKeysAndCertificate and CreateCertificateFromCsr, as decoded from certificates in AWS's documentation.</summary>
internal static class AwsCertificates
{
    private static readonly DateTimeOffset NotAfter = new(2049, 12, 31, 23, 59, 59, TimeSpan.Zero);

    /// <summary>AWS dates its certificates back by two minutes.</summary>
    private static readonly TimeSpan Backdating = TimeSpan.FromMinutes(2);

    /// <summary>The subject of a certificate for a key pair that AWS IoT made.</summary>
    public static readonly X509Name DeviceSubject = X509Name.Encode((Oids.CommonName, "AWS IoT Certificate"));

    /// <summary>One organizational unit that reads like a whole name, and is two characters longer than RFC 5280 allows.</summary>
    private static readonly X509Name CaSubject = X509Name.Encode(
        (Oids.OrganizationalUnit, "Amazon Web Services O=Amazon.com Inc. L=Seattle ST=Washington C=US"));

    /// <summary>A CA of AWS's name that outlives whatever it issues.</summary>
    public static (ParsedCertificate Certificate, DeviceKey Key) CreateAuthority(KeyAlgorithm algorithm) =>
        CertificateAuthorities.CreateRoot(CaSubject, NotAfter.AddYears(1) - DateTimeOffset.UtcNow, algorithm);

    /// <summary>A certificate for a key pair that the registry made.</summary>
    public static ParsedCertificate Issue(CertificateSigner authority, DeviceKey key, DateTimeOffset now) =>
        Issue(authority, DeviceSubject, key.SubjectPublicKeyInfo, now);

    /// <summary>A certificate for a CSR. Which subject AWS gives it is not documented: here the CSR's own, unless it is empty.</summary>
    public static ParsedCertificate Issue(CertificateSigner authority, SigningRequest request, DateTimeOffset now) =>
        Issue(authority, request.Subject.IsEmpty ? DeviceSubject : request.Subject, request.PublicKey.Der, now);

    private static ParsedCertificate Issue(CertificateSigner authority, X509Name subject, ReadOnlyMemory<byte> subjectPublicKeyInfo, DateTimeOffset now) =>
        authority.Issue(subject, subjectPublicKeyInfo, now - Backdating, NotAfter, IssueProfile.Device);
}
