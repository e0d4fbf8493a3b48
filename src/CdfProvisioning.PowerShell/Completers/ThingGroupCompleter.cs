using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>Completes names of thing groups.</summary>
public sealed class ThingGroupCompleter : NameCompleter
{
    private protected override IAsyncEnumerable<string> NamesAsync(Connection connection, CancellationToken cancellationToken) =>
        connection.Registry.ThingGroupsAsync(namePrefix: null, cancellationToken).Select(group => group.GroupName!);
}
