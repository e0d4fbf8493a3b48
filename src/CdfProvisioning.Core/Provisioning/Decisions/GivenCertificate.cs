using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Provisioning.Decisions;

/// <summary>A certificate to register, and the CA certificate that was given with it.</summary>
/// <param name="Certificate">The certificate; null where <paramref name="Signer"/> is still to make it.</param>
/// <param name="CaCertificate">The CA certificate that was given with it.</param>
/// <param name="Signer">The CA that will make the certificate, in a plan.</param>
internal sealed record GivenCertificate(ParsedCertificate? Certificate, ParsedCertificate? CaCertificate, ParsedCertificate? Signer = null)
{
    public X509Name Issuer => Certificate?.Issuer ?? Signer!.Subject;

    /// <exception cref="CdfException">CertificateValidation: a certificate cannot be read, or AWS IoT would not accept its key.</exception>
    public static GivenCertificate Read(string certificatePem, Func<ParsedCertificate?> caCertificate)
    {
        var certificate = ParsedCertificate.FromPem(certificatePem, "The certificate");
        if (certificate.IssuedBy is null && certificate.PublicKey.FindWeakness() is { } weakness)
            throw IotErrorType.CertificateValidation.Error($"The certificate '{certificate.Subject}' is refused: {weakness}.");
        return new(certificate, caCertificate());
    }

    public static ParsedCertificate ReadCa(string pem) => ParsedCertificate.FromPem(pem, "The CA certificate");

    /// <exception cref="CdfException">CertificateValidation: the signature cannot be verified.</exception>
    public bool IsSignedBy(ParsedCertificate ca) =>
        Certificate?.IsSignedBy(ca) ?? ca.PublicKey.Der.Span.SequenceEqual(Signer!.PublicKey.Der.Span);

    public override string ToString() => Certificate is null ? "The certificate" : $"The certificate '{Certificate.Subject}'";
}
