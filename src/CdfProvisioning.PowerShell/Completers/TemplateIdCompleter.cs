namespace CdfProvisioning.PowerShell;

/// <summary>Completes ids of provisioning templates.</summary>
public sealed class TemplateIdCompleter : NameCompleter
{
    private protected override IAsyncEnumerable<string> NamesAsync(Connection connection, CancellationToken cancellationToken) =>
        connection.Templates.ListAsync(cancellationToken).Select(template => template.TemplateId);
}
