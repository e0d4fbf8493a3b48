namespace CdfProvisioning.Certificates;

/// <summary>AWS Private CA (ACM PCA): CAs that sign where nobody sees their keys. The embedded backend has the CAs of its key store in their place.</summary>
internal interface IPrivateCertificateAuthority
{
    /// <summary>Issues a certificate, and waits until it can be had (IssueCertificate and GetCertificate, with the signature algorithm that the CA's key asks for).</summary>
    /// <param name="caArn">The ARN of the CA.</param>
    /// <param name="csr">The request (PEM), whose subject the certificate gets.</param>
    /// <param name="notAfter">Until when the certificate is valid.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="CdfException">NotFound; InvalidRequest: the CSR is refused, or the CA itself ends earlier.</exception>
    ValueTask<PrivateCertificate> IssueAsync(string caArn, string csr, DateTimeOffset notAfter, CancellationToken cancellationToken);

    /// <summary>The CA with its certificate (GetCertificateAuthorityCertificate).</summary>
    /// <exception cref="CdfException">NotFound.</exception>
    ValueTask<PrivateCa> GetAsync(string caArn, CancellationToken cancellationToken);

    /// <summary>The ARN under which a CA of the key store answers here; null on AWS, which has the keys of its private CAs to itself.</summary>
    string? ArnOf(string caId);
}

/// <summary>A certificate that a private CA has issued.</summary>
/// <param name="Arn">Its ARN: the CA's, <c>/certificate/</c> and the serial number.</param>
/// <param name="CertificatePem">The certificate alone.</param>
/// <param name="ChainPem">The CAs above it, the one that signed it first.</param>
internal sealed record PrivateCertificate(string Arn, string CertificatePem, string ChainPem);

/// <summary>A private CA.</summary>
/// <param name="Arn">Its ARN.</param>
/// <param name="CertificatePem">Its certificate.</param>
/// <param name="ChainPem">The CAs above it; none if it is a root.</param>
internal sealed record PrivateCa(string Arn, string CertificatePem, string? ChainPem);
