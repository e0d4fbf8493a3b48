using CdfProvisioning.Certificates;
using CdfProvisioning.Provisioning.Decisions;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>Does what is slow about certificates: makes keys and certificates, reads those that are given.</summary>
internal sealed class CertificateMaker(OwnAuthority authority, KeyAlgorithm algorithm) : IAsyncDisposable
{
    private readonly KeyPool _rsaKeys = new();

    /// <summary>The CA certificate that was last given: the rows of a list give the same.</summary>
    private volatile GivenCa? _lastCa;

    /// <summary>A key pair, and its certificate as AWS would issue it.</summary>
    public async ValueTask<MadeCertificate> CreateKeysAsync(CancellationToken cancellationToken)
    {
        var signer = await authority.GetAsync(cancellationToken);
        var key = algorithm == KeyAlgorithm.Rsa ? await _rsaKeys.TakeAsync(cancellationToken) : DeviceKey.Create(algorithm);
        return new(AwsCertificates.Issue(signer, key, DateTimeOffset.UtcNow), key);
    }

    /// <exception cref="CdfException">InvalidRequest: the CSR is refused.</exception>
    public async ValueTask<MadeCertificate> CreateFromCsrAsync(string csr, CancellationToken cancellationToken)
    {
        var request = SigningRequest.Parse(csr);
        return new(AwsCertificates.Issue(await authority.GetAsync(cancellationToken), request, DateTimeOffset.UtcNow), Key: null);
    }

    /// <exception cref="CdfException">CertificateValidation: a certificate cannot be read, or AWS IoT would not accept its key.</exception>
    public GivenCertificate Read(string certificatePem, string? caCertificatePem) =>
        GivenCertificate.Read(certificatePem, () => caCertificatePem is null ? null : ReadCa(caCertificatePem));

    public ValueTask DisposeAsync() => _rsaKeys.DisposeAsync();

    private ParsedCertificate ReadCa(string pem)
    {
        if (_lastCa is { } last && last.Pem == pem)
            return last.Certificate;
        var certificate = GivenCertificate.ReadCa(pem);
        _lastCa = new(pem, certificate);
        return certificate;
    }

    private sealed record GivenCa(string Pem, ParsedCertificate Certificate);
}

/// <summary>A certificate that the registry has made.</summary>
/// <param name="Certificate">The certificate.</param>
/// <param name="Key">Its key, unless a CSR brought its own.</param>
internal sealed record MadeCertificate(ParsedCertificate Certificate, DeviceKey? Key);
