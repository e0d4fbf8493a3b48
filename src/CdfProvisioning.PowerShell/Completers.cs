using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>Completes names from the session's registry: as many as are found in the time that one is willing to wait for Tab.</summary>
internal abstract class NameCompleter : IArgumentCompleter
{
    private const int Most = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    protected abstract IAsyncEnumerable<string> NamesAsync(Connection connection, CancellationToken cancellationToken);

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var pattern = WildcardPattern.Get(wordToComplete.Trim('\'', '"') + "*", WildcardOptions.IgnoreCase);
        var matches = new List<CompletionResult>();
        try
        {
            using var timeout = new CancellationTokenSource(Patience);
            PipelinePump.Run(() => FindAsync(pattern, matches, timeout.Token), timeout.Cancel);
        }
        catch (Exception exception) when (exception is CdfException or OperationCanceledException)
        {
            // There is nowhere to show an error while completing; what has been found is offered.
        }

        return matches;
    }

    private async Task FindAsync(WildcardPattern pattern, List<CompletionResult> matches, CancellationToken cancellationToken)
    {
        var connection = await SessionConnection.Current.GetAsync(cancellationToken);
        await foreach (var name in NamesAsync(connection, cancellationToken))
        {
            if (pattern.IsMatch(name))
                matches.Add(new CompletionResult(name, name, CompletionResultType.ParameterValue, name));
            if (matches.Count == Most)
                return;
        }
    }
}

internal sealed class CaIdCompleter : NameCompleter
{
    protected override IAsyncEnumerable<string> NamesAsync(Connection connection, CancellationToken cancellationToken) =>
        connection.Registry.CaCertificatesAsync(cancellationToken).Select(ca => ca.CertificateId!);
}

internal sealed class PolicyNameCompleter : NameCompleter
{
    protected override IAsyncEnumerable<string> NamesAsync(Connection connection, CancellationToken cancellationToken) =>
        connection.Registry.PoliciesAsync(cancellationToken).Select(policy => policy.PolicyName!);
}

internal sealed class TaskIdCompleter : NameCompleter
{
    protected override IAsyncEnumerable<string> NamesAsync(Connection connection, CancellationToken cancellationToken) =>
        connection.BulkRegistrations.ListAsync(cancellationToken).Select(task => task.TaskId);
}

internal sealed class TemplateIdCompleter : NameCompleter
{
    protected override IAsyncEnumerable<string> NamesAsync(Connection connection, CancellationToken cancellationToken) =>
        connection.Templates.ListIdsAsync(cancellationToken);
}

internal sealed class ThingGroupCompleter : NameCompleter
{
    protected override IAsyncEnumerable<string> NamesAsync(Connection connection, CancellationToken cancellationToken) =>
        connection.Registry.ThingGroupsAsync(namePrefix: null, cancellationToken).Select(group => group.GroupName!);
}

internal sealed class ThingNameCompleter : NameCompleter
{
    protected override IAsyncEnumerable<string> NamesAsync(Connection connection, CancellationToken cancellationToken) =>
        connection.Things.ListNamesAsync(thingType: null, group: null, cancellationToken);
}

internal sealed class ThingTypeCompleter : NameCompleter
{
    protected override IAsyncEnumerable<string> NamesAsync(Connection connection, CancellationToken cancellationToken) =>
        connection.Registry.ThingTypesAsync(cancellationToken).Select(type => type.ThingTypeName!);
}
