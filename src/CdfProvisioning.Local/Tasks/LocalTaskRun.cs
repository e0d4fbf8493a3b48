using System.Runtime.CompilerServices;
using CdfProvisioning.Bulk;
using CdfProvisioning.Iot;
using CdfProvisioning.Local.Registry;
using CdfProvisioning.Local.Storage;

namespace CdfProvisioning.Local.Tasks;

/// <inheritdoc cref="ITaskRun"/>
/// <param name="database">The registry's file.</param>
/// <param name="registry">The registry over the file.</param>
/// <param name="owner">The lock of this owner.</param>
/// <param name="id">The task's key in the file.</param>
/// <param name="taskId">The task's id.</param>
/// <param name="plan">What the task was created with.</param>
/// <param name="rowsDone">How many rows have results; null while the list is being received.</param>
internal sealed class LocalTaskRun(
    RegistryDatabase database, LocalRegistry registry, OwnerLock owner, long id, string taskId, NewTask plan, long? rowsDone) : ITaskRun
{
    private bool _isSealed = rowsDone is not null;
    private long _rowCount;

    public string TaskId => taskId;

    public NewTask Plan => plan;

    public async ValueTask AppendAsync(IReadOnlyList<IReadOnlyDictionary<string, string>> rows, CancellationToken cancellationToken)
    {
        var blob = RowsBlob.Encode(rows);
        await database.WriteAsync(
            session => session.Execute(
                "INSERT INTO task_input (task, first_row, row_count, body) VALUES ($1, $2, $3, $4)", id, _rowCount + 1, rows.Count, blob),
            cancellationToken);
        _rowCount += rows.Count;
    }

    public async ValueTask SealAsync(CancellationToken cancellationToken)
    {
        await database.WriteAsync(
            session => session.Execute(
                "UPDATE task SET input_complete = 1, row_count = $2, modified_at = $3 WHERE id = $1", id, _rowCount, DateTimeOffset.UtcNow),
            cancellationToken);
        _isSealed = true;
    }

    public async IAsyncEnumerable<IReadOnlyList<DeviceRow>> RowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var done = rowsDone ?? 0;
        while (await PieceAfterAsync(done, cancellationToken) is { } piece)
        {
            DeviceRow[] rows = [.. RowsBlob.Decode(piece.Body, piece.FirstRow).Where(row => row.Number > done)];
            done = rows[^1].Number;
            yield return rows;
        }
    }

    /// <summary>
    /// Rows seldom fail, and a savepoint a row costs as much as registering a device: so the rows are first tried without,
    /// and if one of them fails, all of them once more, each under its own.
    /// </summary>
    public async ValueTask<BulkRegistrationTask> ApplyAsync(IReadOnlyList<PreparedRow> rows, CancellationToken cancellationToken)
    {
        try
        {
            return await database.WriteAsync(session => Apply(session, rows, separately: false), cancellationToken);
        }
        catch (CdfException e) when (e.IsOfTheRow)
        {
            return await database.WriteAsync(session => Apply(session, rows, separately: true), cancellationToken);
        }
    }

    public async ValueTask EndAsync(BulkRegistrationStatus status, string? message, CancellationToken cancellationToken) => await database.WriteAsync(
        session =>
        {
            CheckOwner(session);
            if (status == BulkRegistrationStatus.Interrupted)
                return session.Execute("UPDATE task SET owner = NULL, message = $2, modified_at = $3 WHERE id = $1", id, message, DateTimeOffset.UtcNow);
            TaskTable.End(session, id, status, message);
            return 1;
        },
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        using (owner)
            if (!_isSealed)
                await database.WriteAsync(session => TaskTable.Delete(session, id), CancellationToken.None);
    }

    private ValueTask<InputPiece?> PieceAfterAsync(long row, CancellationToken cancellationToken) => database.ReadAsync(
        session => session.Single(
            "SELECT first_row, body FROM task_input WHERE task = $1 AND first_row + row_count > $2 + 1 ORDER BY first_row LIMIT 1",
            piece => new InputPiece(piece.Int64(0), piece.Blob(1)),
            id, row),
        cancellationToken);

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
        var counted = session.Execute(
            """
            UPDATE task SET success_count = success_count + $2, failure_count = failure_count + $3, modified_at = $4
            WHERE id = $1 AND success_count + failure_count = $5
            """,
            id, succeeded, rows.Count - succeeded, DateTimeOffset.UtcNow, rows[0].Number - 1);
        return counted == 1
            ? TaskTable.Get(session, id)
            : throw IotErrorType.InternalFailure.Error($"Task {taskId}: the rows before row {rows[0].Number} have no results yet.");
    }

    /// <summary>Another process may have taken a task over whose owner only seemed dead (a file system without locks).</summary>
    private void CheckOwner(Session session)
    {
        if (session.Scalar<string>("SELECT owner FROM task WHERE id = $1", id) != owner.Name)
            throw IotErrorType.ServiceUnavailable.Error($"Task {taskId} has been taken over by another process.");
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
        transaction.ComesFrom(new ListRow(id, row.Number));
        var response = TransactionRegistry.Completed(row.RegisterAsync(transaction, CancellationToken.None));
        Insert(session, row, CertificateOf(response), null);
    }

    private void Insert(Session session, PreparedRow row, byte[]? certificate, CdfException? failure) => session.Execute(
        "INSERT INTO task_result (task, row, thing_name, certificate, error_code, error) VALUES ($1, $2, $3, $4, $5, $6)",
        id, row.Number, row.ThingName, certificate, failure?.ErrorTypeName, failure?.Message);

    private static byte[]? CertificateOf(ProvisionResponse response)
    {
        foreach (var arn in response.ResourceArns.Values)
            if (Arn.CertificateId(arn) is { } certificateId)
                return Convert.FromHexString(certificateId);
        return null;
    }

    private sealed record InputPiece(long FirstRow, byte[] Body);
}
