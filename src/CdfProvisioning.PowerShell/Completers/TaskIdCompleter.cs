namespace CdfProvisioning.PowerShell;

/// <summary>Completes ids of bulk registration tasks.</summary>
public sealed class TaskIdCompleter : NameCompleter
{
    private protected override IAsyncEnumerable<string> NamesAsync(Connection connection, CancellationToken cancellationToken) =>
        connection.BulkRegistrations.ListAsync(cancellationToken).Select(task => task.TaskId);
}
