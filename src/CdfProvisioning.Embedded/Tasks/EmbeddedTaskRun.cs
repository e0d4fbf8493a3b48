using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Iot;
using CdfProvisioning.Keys;
using CdfProvisioning.Lists;
using CdfProvisioning.Storage.Journal;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Embedded.Tasks;

/// <summary>A task over the embedded registry, whose file is also the task's.</summary>
/// <param name="claim">The task.</param>
/// <param name="over">The registry within a transaction, for one row.</param>
internal sealed class EmbeddedTaskRun(TaskClaim claim, Func<Session, ListRow, ITransactionRegistry> over) : JournaledTaskRun(claim)
{
    /// <summary>The rows that the writer has, or is about to get: it need not wait while the next are handed over.</summary>
    private Task<BulkRegistrationTask>? _applying;

    /// <summary>It is not to be cancelled: what becomes of rows that are handed over must be known. Batches of a key file take turns.</summary>
    public override async ValueTask<BulkRegistrationTask> ApplyAsync(IReadOnlyList<PreparedRow> rows, CancellationToken cancellationToken)
    {
        var before = KeyFile is null ? _applying : null;
        _applying = ApplyAsync(rows);
        return await (before ?? _applying);
    }

    public override async ValueTask<BulkRegistrationTask> FlushAsync(CancellationToken cancellationToken)
    {
        if (_applying is not null)
            await _applying;
        return await base.FlushAsync(cancellationToken);
    }

    public override async ValueTask DrainAsync()
    {
        if (_applying is not null)
            await ((Task)_applying).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<BulkRegistrationTask> ApplyAsync(IReadOnlyList<PreparedRow> rows)
    {
        await using var keys = KeyFile is null ? null : await KeyFile.BeginAsync(TaskId, rows[^1].Number, CancellationToken.None);
        var registered = new List<PreparedRow>(rows.Count);
        var lines = keys is null ? null : new List<byte[]>(rows.Count);
        var task = await Claim.Database.WriteAsync(session => Apply(session, rows, registered, lines, keys), CancellationToken.None);
        keys?.Keep();
        registered.ForEach(row => row.Keep());
        foreach (var row in rows)
            row.Discard();
        return task;
    }

    /// <summary>
    /// Rows seldom fail, and a savepoint a row costs as much as registering a device: so the rows are first tried without,
    /// and if one of them fails, all of them once more, each under its own.
    /// </summary>
    private BulkRegistrationTask Apply(
        Session session, IReadOnlyList<PreparedRow> rows, List<PreparedRow> registered, List<byte[]>? lines, KeyFile.Batch? keys)
    {
        try
        {
            return session.Attempt(_ => Apply(session, rows, registered, lines, keys, separately: false));
        }
        catch (CdfException e) when (session.Failure is null && e.IsOfTheRow)
        {
            return Apply(session, rows, registered, lines, keys, separately: true);
        }
    }

    /// <summary>Told to stop, it registers no more. The keys are on the disk before this is committed.</summary>
    private BulkRegistrationTask Apply(
        Session session, IReadOnlyList<PreparedRow> rows, List<PreparedRow> registered, List<byte[]>? lines, KeyFile.Batch? keys, bool separately)
    {
        CheckOwner(session);
        registered.Clear();
        lines?.Clear();
        if (TaskTable.Get(session, Claim.Id) is { Status: BulkRegistrationStatus.Cancelling } told)
            return told;
        foreach (var row in rows)
        {
            var failure = row.Failure;
            if (failure is null && separately)
                failure = Attempt(session, row, lines);
            else if (failure is null)
                Register(session, row, lines);
            if (failure is null)
                registered.Add(row);
            else
                Insert(session, row, certificate: null, policies: null, failure);
        }
        keys?.Append(lines!);
        return Count(session, rows[0].Number, registered.Count, rows.Count - registered.Count);
    }

    /// <returns>Why the row cannot be registered; nothing of it is left then.</returns>
    private CdfException? Attempt(Session session, PreparedRow row, List<byte[]>? lines)
    {
        try
        {
            return session.Attempt<CdfException?>(_ =>
            {
                Register(session, row, lines);
                return null;
            });
        }
        catch (CdfException e) when (session.Failure is null && e.IsOfTheRow)
        {
            return e;
        }
    }

    private void Register(Session session, PreparedRow row, List<byte[]>? lines)
    {
        var transaction = over(session, new ListRow(Claim.Id, row.Number));
        var response = TransactionRegistry.Completed(row.RegisterAsync(transaction, CancellationToken.None));
        var (certificate, policies) = ResourcesOf(response);
        Insert(session, row, certificate, policies, failure: null);
        if (lines is not null && row.KeyLineOf(response) is { } line)
            lines.Add(line);
    }
}
