using CdfProvisioning.Bulk;
using CdfProvisioning.Local.Registry;
using CdfProvisioning.Local.Storage;

namespace CdfProvisioning.Local.Tasks;

/// <summary>A task over the embedded registry, whose file is also the task's.</summary>
internal sealed class LocalTaskRun(TaskClaim claim, LocalRegistry registry) : JournaledTaskRun(claim)
{
    /// <summary>
    /// Rows seldom fail, and a savepoint a row costs as much as registering a device: so the rows are first tried without,
    /// and if one of them fails, all of them once more, each under its own. It is not to be cancelled: what becomes of rows
    /// that are handed over must be known.
    /// </summary>
    public override async ValueTask<BulkRegistrationTask> ApplyAsync(IReadOnlyList<PreparedRow> rows, CancellationToken cancellationToken)
    {
        try
        {
            return await Claim.Database.WriteAsync(session => Apply(session, rows, separately: false), CancellationToken.None);
        }
        catch (CdfException e) when (e.IsOfTheRow)
        {
            return await Claim.Database.WriteAsync(session => Apply(session, rows, separately: true), CancellationToken.None);
        }
    }

    private BulkRegistrationTask Apply(Session session, IReadOnlyList<PreparedRow> rows, bool separately)
    {
        CheckOwner(session);
        var transaction = registry.Over(session);
        var succeeded = 0;
        foreach (var row in rows)
        {
            var failure = row.Failure;
            if (failure is null && separately)
                failure = Attempt(session, transaction, row);
            else if (failure is null)
                Register(session, transaction, row);
            if (failure is null)
                succeeded++;
            else
                Insert(session, row, null, failure);
        }
        return Count(session, rows[0].Number, succeeded, rows.Count - succeeded);
    }

    /// <returns>Why the row cannot be registered; nothing of it is left then.</returns>
    private CdfException? Attempt(Session session, TransactionRegistry transaction, PreparedRow row)
    {
        try
        {
            return session.Attempt<CdfException?>(_ =>
            {
                Register(session, transaction, row);
                return null;
            });
        }
        catch (CdfException e) when (session.Failure is null && e.IsOfTheRow)
        {
            return e;
        }
    }

    private void Register(Session session, TransactionRegistry transaction, PreparedRow row)
    {
        transaction.ComesFrom(new ListRow(Claim.Id, row.Number));
        var response = TransactionRegistry.Completed(row.RegisterAsync(transaction, CancellationToken.None));
        Insert(session, row, CertificateOf(response), null);
    }
}
