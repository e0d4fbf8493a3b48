using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>Completes names of thing types.</summary>
public sealed class ThingTypeCompleter : NameCompleter
{
    private protected override IAsyncEnumerable<string> NamesAsync(Connection connection, CancellationToken cancellationToken) =>
        connection.Registry.ThingTypesAsync(cancellationToken).Select(type => type.ThingTypeName!);
}
