using System.Runtime.CompilerServices;
using System.Text.Json;
using CdfProvisioning.Iot;
using CdfProvisioning.Keys;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Storage.Sqlite;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Storage.Journal;

/// <summary>A task whose input and results are kept in a file; how its rows are registered is up to the heir.</summary>
internal abstract class JournaledTaskRun(TaskClaim claim) : ITaskRun
{
    private bool _isSealed = claim.RowsDone is not null;
    private long _rowCount;

    public string TaskId => claim.TaskId;

    public NewTask Plan { get; private set; } = claim.Plan;

    public string Registry => claim.Database.Path;

    public virtual string? KeyFolder => Plan.KeyDirectory;

    protected TaskClaim Claim => claim;

    /// <summary>The one file for the keys; null if they go elsewhere.</summary>
    protected KeyFile? KeyFile { get; private set; }

    public virtual async ValueTask AppendAsync(IReadOnlyList<IReadOnlyDictionary<string, string>> rows, CancellationToken cancellationToken)
    {
        var blob = RowsBlob.Encode(rows);
        await claim.Database.WriteAsync(
            session =>
            {
                for (var i = 0; claim.Plan.IsRotation && i < rows.Count; i++)
                    RotationTable.Insert(session, claim.Id, _rowCount + i + 1, rows[i][RotationTemplate.ThingName], rows[i][RotationTemplate.OldCertificate]);
                return session.Execute(
                    "INSERT INTO task_input (task, first_row, row_count, body) VALUES ($1, $2, $3, $4)", claim.Id, _rowCount + 1, rows.Count, blob);
            },
            cancellationToken);
        _rowCount += rows.Count;
    }

    public async ValueTask IdentifyAsync(RequestIdentity request, CancellationToken cancellationToken)
    {
        Plan = Plan with { Request = request };
        await claim.Database.WriteAsync(session => TaskTable.SetPlan(session, claim.Id, Plan), cancellationToken);
    }

    public virtual ValueTask SealAsync(CancellationToken cancellationToken) => SealAsync(_rowCount, cancellationToken);

    public virtual async IAsyncEnumerable<IReadOnlyList<DeviceRow>> RowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var done = claim.RowsDone ?? 0;
        while (await PieceAfterAsync(done, cancellationToken) is { } piece)
        {
            DeviceRow[] rows = [.. RowsBlob.Decode(piece.Body, piece.FirstRow).Where(row => row.Number > done)];
            done = rows[^1].Number;
            yield return rows;
        }
    }

    public async ValueTask RecoverKeyFileAsync(CancellationToken cancellationToken)
    {
        if (Plan.KeyFile is not { } path)
            return;
        KeyFile = KeyFile.Open(path, Plan.KeyRecipient, Registry, RowsDoneAsync);
        await KeyFile.RecoverAsync(cancellationToken);
    }

    public async ValueTask<IReadOnlyList<(long Row, string? ThingName)>> LastRegisteredAsync(int count, CancellationToken cancellationToken) => await claim.Database.ReadAsync(
        session => session.Query(
            "SELECT row, thing_name FROM task_result WHERE task = $1 AND error_code IS NULL ORDER BY row DESC LIMIT $2",
            row => (row.Int64(0), row.TextOrNull(1)), claim.Id, count),
        cancellationToken);

    public abstract ValueTask<BulkRegistrationTask> ApplyAsync(IReadOnlyList<PreparedRow> rows, CancellationToken cancellationToken);

    public virtual ValueTask<BulkRegistrationTask> FlushAsync(CancellationToken cancellationToken) =>
        claim.Database.ReadAsync(session => TaskTable.Get(session, claim.Id), cancellationToken);

    public virtual ValueTask DrainAsync() => default;

    public virtual async ValueTask EndAsync(BulkRegistrationStatus status, string? message, CancellationToken cancellationToken) => await claim.Database.WriteAsync(
        session =>
        {
            CheckOwner(session);
            if (status == BulkRegistrationStatus.Interrupted)
                return session.Execute("UPDATE task SET owner = NULL, message = $2, modified_at = $3 WHERE id = $1", claim.Id, message, DateTimeOffset.UtcNow);
            TaskTable.End(session, claim.Id, status, message);
            return 1;
        },
        cancellationToken);

    public virtual async ValueTask DisposeAsync()
    {
        using (claim.Owner)
            if (!_isSealed)
                await claim.Database.WriteAsync(session => TaskTable.Delete(session, claim.Id), CancellationToken.None);
    }

    protected async ValueTask SealAsync(long rowCount, CancellationToken cancellationToken)
    {
        await claim.Database.WriteAsync(
            session =>
            {
                if (Plan.Request is { } request && TaskTable.FindRequest(session, request) is { } other)
                    throw CdfErrorCode.Conflict.Error($"The request with the Idempotency-Key '{IotNames.Shown(request.Key)}' has become task {other.Task.TaskId} meanwhile.");
                return session.Execute(
                    "UPDATE task SET input_complete = 1, row_count = $2, modified_at = $3 WHERE id = $1", claim.Id, rowCount, DateTimeOffset.UtcNow);
            },
            cancellationToken);
        _isSealed = true;
    }

    /// <summary>Another process may have taken a task over whose owner only seemed dead (a file system without locks).</summary>
    protected void CheckOwner(Session session)
    {
        if (session.Scalar<string>("SELECT owner FROM task WHERE id = $1", claim.Id) != claim.Owner.Name)
            throw CdfErrorCode.Unavailable.Error($"Task {TaskId} has been taken over by another process.");
    }

    protected void Insert(Session session, PreparedRow row, byte[]? certificate, string? policies, CdfException? failure) => session.Execute(
        "INSERT INTO task_result (task, row, thing_name, certificate, policies, error_code, error, parameters) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        claim.Id, row.Number, row.ThingName, certificate, policies, failure?.ErrorTypeName, failure?.Message, failure is null ? null : RowsBlob.Encode([row.Parameters]));

    /// <summary>Counts the results of the rows that come next.</summary>
    /// <returns>The task as it is then.</returns>
    protected BulkRegistrationTask Count(Session session, long firstRow, int succeeded, int failed)
    {
        var counted = session.Execute(
            """
            UPDATE task SET success_count = success_count + $2, failure_count = failure_count + $3, modified_at = $4
            WHERE id = $1 AND success_count + failure_count = $5
            """,
            claim.Id, succeeded, failed, DateTimeOffset.UtcNow, firstRow - 1);
        ProvisioningMetrics.Add(succeeded, isOfList: true, succeeded: true);
        ProvisioningMetrics.Add(failed, isOfList: true, succeeded: false);
        return counted == 1
            ? TaskTable.Get(session, claim.Id)
            : throw IotErrorType.InternalFailure.Error($"Task {TaskId}: the rows before row {firstRow} have no results yet.");
    }

    /// <summary>What was registered, for the columns of that name.</summary>
    protected static (byte[]? Certificate, string? Policies) ResourcesOf(ProvisionResponse response)
    {
        byte[]? certificate = null;
        Dictionary<string, string>? policies = null;
        foreach (var (logicalId, arn) in response.ResourceArns)
        {
            if (Arn.CertificateId(arn) is { } certificateId)
                certificate ??= Convert.FromHexString(certificateId);
            else if (Arn.PolicyName(arn) is not null)
                (policies ??= []).Add(logicalId, arn);
        }

        return (certificate, policies is null ? null : JsonSerializer.Serialize(policies));
    }

    private ValueTask<long?> RowsDoneAsync(string taskId) => claim.Database.ReadAsync(
        session => TaskTable.Find(session, taskId)?.Task is { } task ? task.SuccessCount + task.FailureCount : (long?)null, CancellationToken.None);

    private ValueTask<InputPiece?> PieceAfterAsync(long row, CancellationToken cancellationToken) => claim.Database.ReadAsync(
        session => session.Single(
            "SELECT first_row, body FROM task_input WHERE task = $1 AND first_row <= $2 AND first_row + row_count > $2 ORDER BY first_row DESC LIMIT 1",
            piece => new InputPiece(piece.Int64(0), piece.Blob(1)),
            claim.Id, row + 1),
        cancellationToken);

    private sealed record InputPiece(long FirstRow, byte[] Body);
}
