using CdfProvisioning.Lists;

namespace CdfProvisioning.Storage.Journal;

/// <summary>A task whose rows get keys and certificates, in its key file, and are registered nowhere.</summary>
internal sealed class IssuanceRun(TaskClaim claim) : JournaledTaskRun(claim)
{
    /// <summary>The keys are on the disk before the results are committed. What becomes of rows that are handed over must be known: it is not to be cancelled.</summary>
    public override async ValueTask<BulkRegistrationTask> ApplyAsync(IReadOnlyList<PreparedRow> rows, CancellationToken cancellationToken)
    {
        await using var keys = await KeyFile!.BeginAsync(TaskId, rows[^1].Number, CancellationToken.None);
        var task = await Claim.Database.WriteAsync(
            session =>
            {
                CheckOwner(session);
                if (TaskTable.Get(session, Claim.Id) is { Status: BulkRegistrationStatus.Cancelling } told)
                    return told;
                foreach (var row in rows)
                    Insert(session, row, row.CertificateId is { } id ? Convert.FromHexString(id) : null, policies: null, row.Failure);
                byte[][] lines = [.. rows.Select(row => row.KnownKeyLine).OfType<byte[]>()];
                keys.Append(lines);
                return Count(session, rows[0].Number, lines.Length, rows.Count - lines.Length);
            },
            CancellationToken.None);
        keys.Keep();
        return task;
    }
}
