using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Storage.Journal;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Aws.Tasks;

/// <summary>Which rows of a task were begun, and what was made for them: so that a resumed task knows which it has to look up.</summary>
internal sealed class RowJournal(TaskClaim claim)
{
    /// <summary>Notes that rows are about to be registered.</summary>
    /// <returns>What is known of each of them.</returns>
    public ValueTask<BegunRow[]> BeginAsync(IReadOnlyList<PreparedRow> rows, CancellationToken cancellationToken) =>
        claim.Database.WriteAsync(session => rows.Select(row => Begin(session, row)).ToArray(), cancellationToken);

    /// <summary>The number of the last row that this or an earlier run has begun.</summary>
    public ValueTask<long> LastBegunAsync() => claim.Database.ReadAsync(
        session => session.Scalar<long?>("SELECT max(row) FROM task_row WHERE task = $1", claim.Id) ?? 0, CancellationToken.None);

    /// <summary>Notes which certificate was made for a row, before anything is done with it.</summary>
    public async ValueTask NoteCertificateAsync(PreparedRow row, string certificateId) => await claim.Database.WriteAsync(
        session => session.Execute("UPDATE task_row SET certificate = $3 WHERE task = $1 AND row = $2", claim.Id, row.Number, certificateId), CancellationToken.None);

    /// <summary>Notes that a row is begun anew, of which nothing is left.</summary>
    public ValueTask<BegunRow> RenewAsync(PreparedRow row) => claim.Database.WriteAsync(
        session =>
        {
            Forget(session, row);
            return Begin(session, row);
        },
        CancellationToken.None);

    /// <summary>Lets another row have the thing name of one that failed.</summary>
    public void Forget(Session session, PreparedRow row) =>
        session.Execute("DELETE FROM task_row WHERE task = $1 AND row = $2", claim.Id, row.Number);

    private BegunRow Begin(Session session, PreparedRow row)
    {
        var now = DateTimeOffset.UtcNow;
        if (row.Failure is not null)
            return new(row, now);
        if (session.Execute(
            "INSERT OR IGNORE INTO task_row (task, row, thing_name, certificate, key_identifier, begun_at) VALUES ($1, $2, $3, $4, $5, $6)",
            claim.Id, row.Number, row.ThingName, row.CertificateId, row.KeyIdentifier, now) == 1)
            return new(row, now) { CertificateId = row.CertificateId, KeyIdentifier = row.KeyIdentifier };
        if (session.Scalar<long?>("SELECT row FROM task_row WHERE task = $1 AND thing_name = $2", claim.Id, row.ThingName) is { } earlier && earlier != row.Number)
            return new(row, now) { Repeats = earlier };
        return session.Single(
            "SELECT certificate, key_identifier, begun_at FROM task_row WHERE task = $1 AND row = $2",
            found => new BegunRow(row, found.IsNull(2) ? now : found.Time(2))
            {
                WasBegun = true,
                CertificateId = found.TextOrNull(0),
                KeyIdentifier = found.IsNull(1) ? null : found.Blob(1),
            },
            claim.Id, row.Number)!;
    }
}

/// <summary>A row that is being registered.</summary>
/// <param name="Row">The row.</param>
/// <param name="BegunAt">When that was begun.</param>
internal sealed record BegunRow(PreparedRow Row, DateTimeOffset BegunAt)
{
    /// <summary>Whether an earlier run of the task began with it, or this one had no answer: it may be registered.</summary>
    public bool WasBegun { get; init; }

    /// <summary>The certificate that was made for it then.</summary>
    public string? CertificateId { get; init; }

    /// <summary>The identifier of the key that was made for it then, if AWS IoT was to issue the certificate.</summary>
    public byte[]? KeyIdentifier { get; init; }

    /// <summary>An earlier row with the same thing.</summary>
    public long? Repeats { get; init; }
}
