using CdfProvisioning.Files;
using CdfProvisioning.Iot;
using CdfProvisioning.Keys;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Lists;

/// <summary>A row as it compares with the registry.</summary>
/// <param name="Device">How it compares.</param>
/// <param name="Row">The row that makes the registry be so; null where there is nothing to do, or nothing that can be done.</param>
internal sealed record ComparedRow(DeviceComparison Device, IReadOnlyDictionary<string, string>? Row);

/// <summary>A list that is compared with the registry row by row. Of each row nothing more is kept than tells its thing from others, and that not in memory.</summary>
/// <param name="task">The list.</param>
/// <param name="templates">The templates of its rows.</param>
/// <param name="check">Finds what is wrong with it as a whole.</param>
/// <param name="planner">Decides.</param>
/// <param name="kept">Finds the certificates that devices keep.</param>
/// <param name="keys">Where the keys of new devices would go; null where nothing is said of that.</param>
/// <param name="isToBeDone">Whether a row is bad whose key has no place to go to.</param>
internal sealed class ListComparison(
    NewTask task, RowTemplates templates, ListCheck check, Planner planner, KeptCertificates kept, KeyDirectory? keys, bool isToBeDone) : IDisposable
{
    private const int RowsPerPiece = 256;

    private readonly List<(IReadOnlyDictionary<string, string> Row, CdfException? Failure)> _piece = new(RowsPerPiece);
    private readonly PlannedRows _earlier = new() { HasKeyFile = task.KeyFile is not null || !isToBeDone };
    private readonly SpilledTable _thingsOfBadRows = new();

    /// <summary>How many rows there were.</summary>
    public long RowCount { get; private set; }

    /// <summary>Whether there was a row of which it cannot be told which thing it is about.</summary>
    public bool HasUnknownThings { get; private set; }

    /// <summary>Whether the list has a row, be it a bad one, that is about this thing.</summary>
    public bool HasThing(string thingName) => _earlier.HasThing(thingName) || _thingsOfBadRows.Contains(NameKey.Of(thingName));

    /// <summary>Adds a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="failure">What is known to be wrong with it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The rows that have been compared since.</returns>
    /// <exception cref="CdfException">InvalidRequest: something is wrong with the list as a whole, such as a column that is missing.</exception>
    public ValueTask<IReadOnlyList<ComparedRow>> AddAsync(IReadOnlyDictionary<string, string> row, CdfException? failure, CancellationToken cancellationToken)
    {
        _piece.Add((row, failure));
        return _piece.Count < RowsPerPiece ? new([]) : FlushAsync(cancellationToken);
    }

    /// <summary>Ends the list.</summary>
    /// <returns>The last rows.</returns>
    /// <exception cref="CdfException">InvalidRequest, as from <see cref="AddAsync"/>, or because the list is empty.</exception>
    public async ValueTask<IReadOnlyList<ComparedRow>> EndAsync(CancellationToken cancellationToken)
    {
        var last = _piece.Count == 0 ? [] : await FlushAsync(cancellationToken);
        return RowCount > 0 ? last : throw CdfErrorCode.InvalidRequest.Error("The list is empty: there is no device in it.");
    }

    public void Dispose()
    {
        _earlier.Dispose();
        _thingsOfBadRows.Dispose();
    }

    private async ValueTask<IReadOnlyList<ComparedRow>> FlushAsync(CancellationToken cancellationToken)
    {
        await check.CheckAsync([.. _piece.Select(p => p.Row)]);
        var read = await planner.ReadAtOnceAsync([.. _piece.Select((p, i) => (RowCount + i + 1, p.Row, p.Failure))], ReadAsync, cancellationToken);
        var compared = new List<ComparedRow>(_piece.Count);
        foreach (var compare in read)
        {
            RowCount++;
            var next = compare();
            if (next.Device.State == DeviceState.Bad && next.Device.ThingName is { } thingName)
                _thingsOfBadRows.Set(NameKey.Of(thingName), UInt128.Zero);
            HasUnknownThings |= next.Device is { State: DeviceState.Bad, ThingName: null };
            compared.Add(next);
        }

        _piece.Clear();
        return compared;
    }

    /// <summary>Reads what a row is compared with.</summary>
    /// <returns>Compares it, in the order of the rows.</returns>
    private async ValueTask<Func<ComparedRow>> ReadAsync((long Number, IReadOnlyDictionary<string, string> Row, CdfException? Failure) given, CancellationToken cancellationToken)
    {
        var (number, row, failure) = given;
        if (failure is not null)
            return () => Bad(number, null, [failure.Message]);
        ProvisioningTemplate? template = null;
        try
        {
            template = await templates.OfAsync(row);
            var desired = DesiredTemplate.Of(template);
            if (template.IsThingNameFilledIn && desired.MakesCertificate)
                throw CdfErrorCode.InvalidRequest.Error(
                    "The template makes the thing's name of the certificate that it makes, so that it cannot be told if the row's device is registered: let a parameter be the name.");
            var toDo = await kept.FindAsync(template, desired, row, task.CdfParameters, cancellationToken) ?? row;
            var plan = await planner.ReadAsync(desired.For(toDo), toDo, task.CdfParameters, keys, _earlier, number, cancellationToken);
            return () => Compare(number, desired, toDo, plan());
        }
        catch (CdfException e) when (e.IsOfTheRow)
        {
            return () => Bad(number, template?.FindThingName(row), [e.Message]);
        }
    }

    private static ComparedRow Compare(long number, DesiredTemplate desired, IReadOnlyDictionary<string, string> toDo, ProvisionPlan plan)
    {
        var refused = plan.ThingExists ? plan.Changes.Where(change => desired.Refuses(change.Property)).ToList() : [];
        if (plan.Outcome == PlannedOutcome.Bad || refused.Count > 0)
            return Bad(number, plan.ThingName, [.. plan.Problems, .. refused.Select(Refusal)]);
        return new(
            new DeviceComparison { Row = number, ThingName = plan.ThingName, State = StateOf(plan.Outcome), Changes = plan.Changes },
            plan.Outcome == PlannedOutcome.Same ? null : toDo);
    }

    private static ComparedRow Bad(long number, string? thingName, IReadOnlyList<string> problems) =>
        new(new DeviceComparison { Row = number, ThingName = thingName, State = DeviceState.Bad, Problems = problems }, null);

    private static DeviceState StateOf(PlannedOutcome outcome) => outcome switch
    {
        PlannedOutcome.New => DeviceState.New,
        PlannedOutcome.Changed => DeviceState.Changed,
        _ => DeviceState.Same,
    };

    private static string Refusal(PlannedChange change) =>
        $"The template refuses to change {change.Property} of a thing that exists, from '{change.From}' to '{change.To}' (OverrideSettings: FAIL).";
}
