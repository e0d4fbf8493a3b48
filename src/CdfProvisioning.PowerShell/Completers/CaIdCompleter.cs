using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>Completes ids of certificate authorities.</summary>
public sealed class CaIdCompleter : NameCompleter
{
    private protected override IAsyncEnumerable<string> NamesAsync(Connection connection, CancellationToken cancellationToken) =>
        connection.Registry.CaCertificatesAsync(cancellationToken).Select(ca => ca.CertificateId!);
}
