using System.Management.Automation;
using System.Runtime.CompilerServices;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>
/// The base of the commands that do the same to many things. Where nobody is to be asked, those that are piped in are changed together:
/// in one transaction of the embedded registry, several at once on AWS. Each has its own error, in their order.
/// </summary>
public abstract class ChangeThingsCmdlet : CdfCmdlet
{
    /// <summary>More gain little, and would let others wait who write to the registry.</summary>
    private const int MostTogether = 500;

    private readonly List<string> _waiting = [];

    /// <summary>The names of the things, or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ThingName")]
    [ArgumentCompleter(typeof(ThingNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>What is done, for the prompt.</summary>
    private protected abstract string Action { get; }

    /// <summary>Whether it is grave enough to ask before.</summary>
    private protected abstract bool IsAsked { get; }

    /// <summary>Whether a thing is written out before the next is changed.</summary>
    private protected virtual bool IsOneByOne => false;

    /// <summary>What the prompt and the plan call the thing; throws what the change would fail with.</summary>
    private protected abstract ValueTask<string> DescribeAsync(ThingService things, string thingName, CancellationToken cancellationToken);

    /// <summary>Changes the things.</summary>
    private protected abstract IAsyncEnumerable<(string ThingName, CdfException? Failure)> ChangeAsync(
        ThingService things, IReadOnlyList<string> thingNames, CancellationToken cancellationToken);

    /// <summary>Says that a thing is changed.</summary>
    private protected abstract ValueTask ReportAsync(ThingService things, string thingName, CancellationToken cancellationToken);

    private protected sealed override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(cancellationToken);
        var together = IsOneByOne || Asks(IsAsked) || (StopsAtError && connection.Registry is not ITransactionalRegistry) ? 1 : MostTogether;
        await ForEachMatchAsync(
            Name,
            prefix => ListAsync(connection.Things, prefix, cancellationToken),
            async name =>
            {
                var shown = IsWhatIf || Asks(IsAsked) ? await DescribeAsync(connection.Things, name, cancellationToken) : name;
                if (!ShouldProcess(shown, Action, IsAsked))
                    return;
                _waiting.Add(name);
                if (_waiting.Count >= together)
                    await ChangeWaitingAsync(connection.Things, cancellationToken);
            });
    }

    private protected sealed override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_waiting.Count > 0)
            await ChangeWaitingAsync((await ConnectionAsync(cancellationToken)).Things, cancellationToken);
    }

    /// <summary>A pattern finds what the names before it have left.</summary>
    private async IAsyncEnumerable<string> ListAsync(ThingService things, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ChangeWaitingAsync(things, cancellationToken);
        await foreach (var name in things.ListNamesAsync(prefix, cancellationToken))
            yield return name;
    }

    private async Task ChangeWaitingAsync(ThingService things, CancellationToken cancellationToken)
    {
        string[] names = [.. _waiting];
        _waiting.Clear();
        var done = 0;
        try
        {
            await foreach (var (name, failure) in ChangeAsync(things, names, cancellationToken))
            {
                done++;
                if (failure is null)
                    await ReportAsync(things, name, cancellationToken);
                else
                    WriteError(failure.ToErrorRecord(name));
            }
        }
        catch (CdfException exception)
        {
            foreach (var name in names.Skip(done)) // the registry itself is in trouble
                WriteError(exception.ToErrorRecord(name));
        }
    }
}
