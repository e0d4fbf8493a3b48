namespace CdfProvisioning.PowerShell;

/// <summary>Completes names of things.</summary>
public sealed class ThingNameCompleter : NameCompleter
{
    private protected override IAsyncEnumerable<string> NamesAsync(Connection connection, CancellationToken cancellationToken) =>
        connection.Things.ListNamesAsync(thingType: null, group: null, cancellationToken);
}
