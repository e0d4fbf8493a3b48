using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>Completes names of policies.</summary>
public sealed class PolicyNameCompleter : NameCompleter
{
    private protected override IAsyncEnumerable<string> NamesAsync(Connection connection, CancellationToken cancellationToken) =>
        connection.Registry.PoliciesAsync(cancellationToken).Select(policy => policy.PolicyName!);
}
