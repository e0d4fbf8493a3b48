using CdfProvisioning.Keys;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Lists;

/// <summary>A list that is checked row by row as it would be registered, and is not.</summary>
internal sealed class DryRun(NewTask task, RowTemplates templates, ListCheck check, Planner planner, KeyDirectory? keys) : IDisposable
{
    private const int RowsPerPiece = 256;
    private const int MaxBadRows = 10_000;

    private readonly List<(IReadOnlyDictionary<string, string> Row, CdfException? Failure)> _piece = new(RowsPerPiece);
    private readonly PlannedRows _earlier = new() { HasKeyFile = task.KeyFile is not null };
    private readonly List<BadRow> _badRows = [];
    private long _rows;
    private long _new;
    private long _changed;
    private long _same;
    private long _bad;

    /// <param name="row">The row.</param>
    /// <param name="failure">What is known to be wrong with it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CdfException">InvalidRequest: something is wrong with the list as a whole, such as a column that is missing.</exception>
    public ValueTask AddAsync(IReadOnlyDictionary<string, string> row, CdfException? failure, CancellationToken cancellationToken)
    {
        _piece.Add((row, failure));
        return _piece.Count < RowsPerPiece ? default : FlushAsync(cancellationToken);
    }

    public async ValueTask<BulkRegistrationCheck> EndAsync(CancellationToken cancellationToken)
    {
        if (_piece.Count > 0)
            await FlushAsync(cancellationToken);
        return new BulkRegistrationCheck { RowCount = _rows, NewCount = _new, ChangedCount = _changed, SameCount = _same, BadCount = _bad, BadRows = _badRows };
    }

    public void Dispose() => _earlier.Dispose();

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await check.CheckAsync([.. _piece.Select(p => p.Row)]);
        var read = await planner.ReadAtOnceAsync([.. _piece.Select((p, i) => (_rows + i + 1, p.Row, p.Failure))], ReadAsync, cancellationToken);
        foreach (var count in read)
        {
            _rows++;
            count();
        }

        _piece.Clear();
    }

    /// <summary>Reads what a row would find.</summary>
    /// <returns>Counts it, in the order of the rows.</returns>
    private async ValueTask<Action> ReadAsync((long Number, IReadOnlyDictionary<string, string> Row, CdfException? Failure) given, CancellationToken cancellationToken)
    {
        var (number, row, failure) = given;
        if (failure is not null)
            return () => AddBad(number, null, failure.Message);
        ProvisioningTemplate? template = null;
        try
        {
            template = await templates.OfAsync(row);
            var plan = await planner.ReadAsync(template, row, task.CdfParameters, keys, _earlier, number, cancellationToken);
            return () => Count(number, plan());
        }
        catch (CdfException e) when (e.IsOfTheRow)
        {
            return () => AddBad(number, template?.FindThingName(row), e.Message);
        }
    }

    private void Count(long number, ProvisionPlan plan)
    {
        switch (plan.Outcome)
        {
            case PlannedOutcome.New:
            case PlannedOutcome.Same when task.IsIssuance:
                _new++;
                break;
            case PlannedOutcome.Changed:
                _changed++;
                break;
            case PlannedOutcome.Same:
                _same++;
                break;
            default:
                AddBad(number, plan.ThingName, string.Join(' ', plan.Problems));
                break;
        }
    }

    private void AddBad(long row, string? thingName, string error)
    {
        _bad++;
        if (_badRows.Count < MaxBadRows)
            _badRows.Add(new(row, thingName, error));
    }
}
