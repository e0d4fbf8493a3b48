using CdfProvisioning.Files;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.Fleet;

/// <summary>The things among which those are looked for that a list does not have.</summary>
/// <param name="Group">Those directly in a group.</param>
/// <param name="ThingType">Those of a type.</param>
/// <param name="Recurse">And those in the groups below the group.</param>
internal sealed record DeviceScope(string? Group, string? ThingType, bool Recurse = false)
{
    public bool IsEmpty => Group is null && ThingType is null;
}

/// <summary>Compares lists with the registry, and makes the registry be as a list says.</summary>
internal sealed class SynchronizationService(BulkRegistrationService lists, ThingService things, IDeviceRegistry registry)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Begins a comparison, which changes nothing.</summary>
    /// <exception cref="CdfException">NotFound: the template, or a group or type of the scope; InvalidTemplate.</exception>
    public async ValueTask<ListComparison> CompareAsync(BulkRegistrationRequest request, DeviceScope scope, CancellationToken cancellationToken)
    {
        await CheckAsync(scope, cancellationToken);
        return await lists.CreateComparisonAsync(request, isToBeDone: false, cancellationToken);
    }

    /// <summary>The things of the scope that the list does not have, in the registry's order.</summary>
    public IAsyncEnumerable<string> ExtrasAsync(ListComparison comparison, DeviceScope scope, CancellationToken cancellationToken) => scope.IsEmpty
        ? AsyncEnumerable.Empty<string>()
        : things.ListNamesAsync(scope.ThingType, scope.Group, scope.Recurse, attributes: null, cancellationToken).Where(name => !comparison.HasThing(name));

    /// <summary>Begins a synchronisation. There is one at a time in a registry: it waits for others, and settles what an interrupted one has left.</summary>
    /// <param name="request">The list.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="waits">Called once if it has to wait.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CdfException">As from <see cref="CompareAsync"/>; Conflict: the task of an earlier synchronisation is being run.</exception>
    public async ValueTask<ListSynchronizer> BeginAsync(BulkRegistrationRequest request, DeviceScope scope, Action waits, CancellationToken cancellationToken)
    {
        await CheckAsync(scope, cancellationToken);
        var turn = await TakeTurnAsync(waits, cancellationToken);
        try
        {
            await lists.StopInterruptedSynchronizationsAsync(cancellationToken);
            return new ListSynchronizer(lists, await lists.CreateComparisonAsync(request, isToBeDone: true, cancellationToken), request, turn);
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    private async ValueTask<NamedLock> TakeTurnAsync(Action waits, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Path.GetDirectoryName(lists.Registry)!, "synchronization.lock");
        for (var isFirst = true; ; isFirst = false)
        {
            if (NamedLock.TryTake(path) is { } turn)
                return turn;
            if (isFirst)
                waits();
            await Task.Delay(PollInterval, cancellationToken);
        }
    }

    private async ValueTask CheckAsync(DeviceScope scope, CancellationToken cancellationToken)
    {
        if (scope.Group is { } group)
            await registry.InvokeAsync(new DescribeThingGroupRequest(group), cancellationToken);
        if (scope.ThingType is { } type)
            await registry.InvokeAsync(new DescribeThingTypeRequest(type), cancellationToken);
    }
}

/// <summary>One synchronisation, whose turn it is until disposed.</summary>
internal sealed class ListSynchronizer(BulkRegistrationService lists, ListComparison comparison, BulkRegistrationRequest request, NamedLock turn) : IAsyncDisposable
{
    private BulkRegistrationDraft? _draft;

    public ListComparison Comparison => comparison;

    public ListSynchronization Counts { get; private set; } = new();

    /// <summary>What its user should know of the folder for keys.</summary>
    public string? Warning => _draft?.Warning;

    /// <summary>Takes rows that have been compared: those that are not as the list says become part of the task.</summary>
    /// <exception cref="CdfException">As from <see cref="BulkRegistrationService"/>.</exception>
    public async ValueTask TakeAsync(IReadOnlyList<ComparedRow> rows, CancellationToken cancellationToken)
    {
        foreach (var (device, row) in rows)
        {
            Counts = device.State switch
            {
                DeviceState.New => Counts with { NewCount = Counts.NewCount + 1 },
                DeviceState.Changed => Counts with { ChangedCount = Counts.ChangedCount + 1 },
                DeviceState.Same => Counts with { SameCount = Counts.SameCount + 1 },
                _ => Counts with { FailureCount = Counts.FailureCount + 1 },
            };
            if (row is null)
                continue;
            _draft ??= await lists.CreateDesiredAsync(request, cancellationToken);
            await _draft.AddAsync(row, cancellationToken);
        }

        Counts = Counts with { RowCount = comparison.RowCount };
    }

    /// <summary>Begins to register and change what is not as the list says.</summary>
    /// <returns>Null if there is nothing to do.</returns>
    public async ValueTask<BulkRegistrationTask?> StartAsync(CancellationToken cancellationToken) => _draft is null ? null : await lists.StartAsync(_draft, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        comparison.Dispose();
        using (turn)
            if (_draft is not null)
                await _draft.DisposeAsync();
    }
}
