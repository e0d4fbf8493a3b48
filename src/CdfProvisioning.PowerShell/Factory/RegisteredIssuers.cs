using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>Finds the registered CAs that have signed certificates: a device that is registered when it first connects has to show its CA's too.</summary>
/// <param name="registry">The registry, when it is needed.</param>
internal sealed class RegisteredIssuers(Func<Task<IDeviceRegistry>> registry)
{
    private List<ParsedCertificate>? _cas;

    /// <returns>The certificate's issuers as PEM, nearest first; empty if they are not registered.</returns>
    public async ValueTask<string> ChainOfAsync(ParsedCertificate certificate, CancellationToken cancellationToken)
    {
        _cas ??= await ReadAsync(cancellationToken);
        var chain = new List<ParsedCertificate>();
        while (_cas.Find(ca => !chain.Contains(ca) && IsIssuer(ca, certificate)) is { } issuer)
        {
            chain.Add(issuer);
            certificate = issuer;
        }
        return string.Concat(chain.Select(ca => ca.Pem));
    }

    /// <summary>A key identifier tells it without a signature to verify.</summary>
    private static bool IsIssuer(ParsedCertificate ca, ParsedCertificate certificate) =>
        certificate.Issuer.Equals(ca.Subject)
        && (certificate.AuthorityKeyIdentifier is { } wanted && ca.SubjectKeyIdentifier is { } identifier ? wanted.AsSpan().SequenceEqual(identifier) : certificate.IsSignedBy(ca));

    private async Task<List<ParsedCertificate>> ReadAsync(CancellationToken cancellationToken)
    {
        var registered = await registry();
        var cas = new List<ParsedCertificate>();
        await foreach (var ca in registered.CaCertificatesAsync(cancellationToken))
        {
            var described = await registered.InvokeAsync(new DescribeCACertificateRequest(ca.CertificateId!), cancellationToken);
            cas.Add(ParsedCertificate.FromPem(described.CertificateDescription!.CertificatePem!, $"CA certificate {ca.CertificateId}"));
        }
        return cas;
    }
}
