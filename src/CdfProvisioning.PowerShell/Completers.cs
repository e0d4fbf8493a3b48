using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using CdfProvisioning.Iot;
using CdfProvisioning.Iot.Policies;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>Completes names from the session's registry: as many as are found in the time that one is willing to wait for Tab.</summary>
internal abstract class NameCompleter : IArgumentCompleter
{
    private const int Most = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Names among which are all that begin with a prefix, which is what has been typed as far as it is no pattern.</summary>
    protected abstract IAsyncEnumerable<string> NamesAsync(Connection connection, string prefix, CancellationToken cancellationToken);

    /// <summary>The names with what is shown of the one that is chosen.</summary>
    protected virtual IAsyncEnumerable<(string Name, string Tip)> ItemsAsync(Connection connection, string prefix, CancellationToken cancellationToken) =>
        NamesAsync(connection, prefix, cancellationToken).Select(name => (name, name));

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = wordToComplete.Trim('\'', '"');
        var matches = new List<CompletionResult>();
        try
        {
            using var timeout = new CancellationTokenSource(Patience);
            PipelinePump.Run(() => FindAsync(typed, fakeBoundParameters["Connection"] as ConnectionInfo, matches, timeout.Token), timeout.Cancel);
        }
        catch (Exception exception) when (exception is CdfException or OperationCanceledException)
        {
            // There is nowhere to show an error while completing; what has been found is offered.
        }

        return matches;
    }

    private async Task FindAsync(string typed, ConnectionInfo? named, List<CompletionResult> matches, CancellationToken cancellationToken)
    {
        var connection = await SessionConnection.Current.GetAsync(named, cancellationToken);
        var pattern = WildcardPattern.Get(typed + "*", WildcardOptions.IgnoreCase);
        await foreach (var (name, tip) in ItemsAsync(connection, CdfCmdlet.PrefixOf(typed), cancellationToken))
        {
            if (pattern.IsMatch(name))
                matches.Add(new CompletionResult(name.Contains(' ') ? $"'{name}'" : name, name, CompletionResultType.ParameterValue, tip));
            if (matches.Count == Most)
                return;
        }
    }
}

internal sealed class CaIdCompleter : NameCompleter
{
    protected override IAsyncEnumerable<string> NamesAsync(Connection connection, string prefix, CancellationToken cancellationToken) =>
        connection.Registry.CaCertificatesAsync(cancellationToken).Select(ca => ca.CertificateId!);
}

internal sealed class PolicyNameCompleter : NameCompleter
{
    protected override IAsyncEnumerable<string> NamesAsync(Connection connection, string prefix, CancellationToken cancellationToken) =>
        connection.Registry.NamesAsync(NamedResource.Policy, prefix, cancellationToken);
}

internal sealed class TaskIdCompleter : NameCompleter
{
    protected override IAsyncEnumerable<string> NamesAsync(Connection connection, string prefix, CancellationToken cancellationToken) =>
        connection.BulkRegistrations.ListAsync(cancellationToken).Select(task => task.TaskId);

    protected override IAsyncEnumerable<(string Name, string Tip)> ItemsAsync(Connection connection, string prefix, CancellationToken cancellationToken) =>
        connection.BulkRegistrations.ListAsync(cancellationToken).Select(task => (
            task.TaskId, $"{task.ProvisioningTemplateId}, {task.Status} {task.PercentageProgress}%, {task.RowCount} rows, started {task.CreationDate.ToLocalTime():g}"));
}

internal sealed class TemplateIdCompleter : NameCompleter
{
    protected override IAsyncEnumerable<string> NamesAsync(Connection connection, string prefix, CancellationToken cancellationToken) =>
        connection.Templates.ListIdsAsync(cancellationToken);
}

internal sealed class ThingGroupCompleter : NameCompleter
{
    protected override IAsyncEnumerable<string> NamesAsync(Connection connection, string prefix, CancellationToken cancellationToken) =>
        connection.Registry.NamesAsync(NamedResource.ThingGroup, prefix, cancellationToken);
}

internal sealed class ThingNameCompleter : NameCompleter
{
    protected override IAsyncEnumerable<string> NamesAsync(Connection connection, string prefix, CancellationToken cancellationToken) =>
        connection.Registry.NamesAsync(NamedResource.Thing, prefix, cancellationToken);
}

internal sealed class ThingTypeCompleter : NameCompleter
{
    protected override IAsyncEnumerable<string> NamesAsync(Connection connection, string prefix, CancellationToken cancellationToken) =>
        connection.Registry.NamesAsync(NamedResource.ThingType, prefix, cancellationToken);
}

/// <summary>The paths to which templates are assigned.</summary>
internal sealed class GroupPathCompleter : NameCompleter
{
    protected override IAsyncEnumerable<string> NamesAsync(Connection connection, string prefix, CancellationToken cancellationToken) =>
        connection.TemplateAssignments.ListAsync(cancellationToken).SelectMany(assignment => assignment.GroupPath).Distinct();
}

/// <summary>AWS's regions.</summary>
internal sealed class RegionCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        AwsRegions.All.Where(name => name.StartsWith(wordToComplete.Trim('\'', '"'), StringComparison.OrdinalIgnoreCase)).Order().Select(name => new CompletionResult(name));
}

/// <summary>The profiles of AWS's own files of settings and credentials.</summary>
internal sealed class ProfileCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        new[] { ("AWS_CONFIG_FILE", "config"), ("AWS_SHARED_CREDENTIALS_FILE", "credentials") }
            .Select(file => Environment.GetEnvironmentVariable(file.Item1)
                ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".aws", file.Item2))
            .Where(File.Exists)
            .SelectMany(Profiles)
            .Distinct()
            .Where(name => name.StartsWith(wordToComplete.Trim('\'', '"'), StringComparison.OrdinalIgnoreCase))
            .Order()
            .Select(name => new CompletionResult(name.Contains(' ') ? $"'{name}'" : name, name, CompletionResultType.ParameterValue, name));

    private static IEnumerable<string> Profiles(string path)
    {
        try
        {
            return [.. File.ReadLines(path)
                .Select(line => line.Trim())
                .Where(line => line.StartsWith('[') && line.EndsWith(']'))
                .Select(line => line[1..^1].Trim())
                .Where(name => !name.StartsWith("sso-session ", StringComparison.Ordinal) && !name.StartsWith("services ", StringComparison.Ordinal))
                .Select(name => name.StartsWith("profile ", StringComparison.Ordinal) ? name["profile ".Length..].Trim() : name)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // there is nowhere to show an error while completing
        }
    }
}

internal sealed class BillingGroupCompleter : NameCompleter
{
    protected override IAsyncEnumerable<string> NamesAsync(Connection connection, string prefix, CancellationToken cancellationToken) =>
        connection.Registry.BillingGroupsAsync(namePrefix: null, cancellationToken).Select(group => group.GroupName!);
}

/// <summary>Completes names of provisioning templates.</summary>
internal sealed class ProvisioningTemplateCompleter : NameCompleter
{
    protected override IAsyncEnumerable<string> NamesAsync(Connection connection, string prefix, CancellationToken cancellationToken) =>
        connection.Registry.ProvisioningTemplatesAsync(cancellationToken).Select(template => template.TemplateName!);
}

/// <summary>Completes the actions of policies.</summary>
internal sealed class PolicyActionCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var word = wordToComplete.Trim('\'', '"');
        return PolicyActions.Known
            .Where(action => action.StartsWith(word, StringComparison.OrdinalIgnoreCase) || action.StartsWith($"iot:{word}", StringComparison.OrdinalIgnoreCase))
            .Select(action => new CompletionResult(action));
    }
}
