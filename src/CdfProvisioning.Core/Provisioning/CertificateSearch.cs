using System.Collections.Concurrent;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Provisioning;

/// <summary>
/// Finds the certificate that AWS IoT issued for a public key when its answer was lost, which alone has the certificate's id.
/// What it has looked at once it does not ask for again.
/// </summary>
internal sealed class CertificateSearch(IDeviceRegistry registry)
{
    /// <summary>How far the clocks of AWS and of this computer may differ.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, byte[]> _keyIdentifiers = new();

    /// <param name="keyIdentifier">The key's identifier, as <see cref="PublicKey.Identifier"/>.</param>
    /// <param name="since">When the certificate was asked for, by the clock of this computer.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The certificate's id; null if AWS IoT has issued none since.</returns>
    public async ValueTask<string?> FindIdAsync(byte[] keyIdentifier, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await foreach (var certificate in registry.CertificatesAsync(cancellationToken))
        {
            if (certificate.CreationDate < since - ClockTolerance)
                return null;
            var found = _keyIdentifiers.GetValueOrDefault(certificate.CertificateId!) ?? await ReadAsync(certificate.CertificateId!, cancellationToken);
            if (found.AsSpan().SequenceEqual(keyIdentifier))
                return certificate.CertificateId;
        }
        return null;
    }

    private async ValueTask<byte[]> ReadAsync(string certificateId, CancellationToken cancellationToken)
    {
        var described = await registry.FindCertificateAsync(certificateId, cancellationToken);
        var identifier = described is null ? [] : ParsedCertificate.FromPem(described.CertificatePem!, "The certificate").PublicKey.Identifier;
        return _keyIdentifiers[certificateId] = identifier;
    }
}
