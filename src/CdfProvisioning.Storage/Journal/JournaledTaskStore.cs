using System.Runtime.CompilerServices;
using System.Text.Json;
using CdfProvisioning.Certificates;
using CdfProvisioning.Files;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Storage.Journal;

/// <summary>
/// Tasks, their input and their results, in a file. With the embedded registry it is the registry's own, so that a row's
/// registration and its result are one transaction. An interrupted task is one in progress whose owner is no more; that is
/// found out, not written down.
/// </summary>
/// <param name="database">The file.</param>
/// <param name="run">How the rows of a task are registered, where that is what is done with them.</param>
/// <param name="certificateOf">Finds the DER of a certificate by its fingerprint, if the file is a registry's.</param>
internal sealed class JournaledTaskStore(
    Database database, Func<TaskClaim, ITaskRun> run, Func<Session, byte[], byte[]?>? certificateOf = null) : ITaskStore
{
    private const int ResultsPerPage = 500;

    private readonly string _locks = Path.Combine(Path.GetDirectoryName(database.Path)!, "task-owners");

    public string Registry => database.Path;

    public async ValueTask<ITaskRun> CreateAsync(NewTask task, CancellationToken cancellationToken)
    {
        await DeleteUnfinishedAsync(cancellationToken);
        var owner = new OwnerLock(_locks);
        try
        {
            var taskId = Guid.NewGuid().ToString();
            var id = await database.WriteAsync(session => TaskTable.Insert(session, taskId, task, owner.Name), cancellationToken);
            return Run(new TaskClaim(database, owner, id, taskId, task, RowsDone: null));
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    public async ValueTask<ITaskRun> ClaimAsync(string taskId, CancellationToken cancellationToken)
    {
        var owner = new OwnerLock(_locks);
        try
        {
            var stored = await database.WriteAsync(
                session =>
                {
                    var found = Find(session, taskId);
                    if (Seen(found) is not { Status: BulkRegistrationStatus.Interrupted } task)
                        throw CdfErrorCode.Conflict.Error(WhyNotResumed(Seen(found)));
                    TaskTable.SetOwner(session, found.Id, owner.Name);
                    return found;
                },
                cancellationToken);
            if (stored.Owner is { } dead)
                OwnerLock.Forget(_locks, dead);
            return Run(new TaskClaim(database, owner, stored.Id, taskId, stored.Plan, stored.Task.SuccessCount + stored.Task.FailureCount));
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    public async ValueTask<BulkRegistrationTask> GetAsync(string taskId, CancellationToken cancellationToken) =>
        (await LookAsync(session => [Find(session, taskId)], cancellationToken))[0];

    public async ValueTask<BulkRegistrationTask?> FindAsync(RequestIdentity request, CancellationToken cancellationToken)
    {
        if (await database.ReadAsync(session => TaskTable.FindRequest(session, request), cancellationToken) is not { } found)
            return null;
        return found.Plan.Request!.BodyHash == request.BodyHash
            ? await GetAsync(found.Task.TaskId, cancellationToken)
            : throw CdfErrorCode.Conflict.Error($"The Idempotency-Key '{IotNames.Shown(request.Key)}' was another list's, which became task {found.Task.TaskId}: give this one a key of its own.");
    }

    public ValueTask<NewTask> GetPlanAsync(string taskId, CancellationToken cancellationToken) =>
        database.ReadAsync(session => Find(session, taskId).Plan, cancellationToken);

    public async IAsyncEnumerable<BulkRegistrationTask> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var task in await LookAsync(TaskTable.List, cancellationToken))
            yield return task;
    }

    public ValueTask<IReadOnlyList<BulkRegistrationTask>> ListDesiredAsync(CancellationToken cancellationToken) =>
        LookAsync(session => TaskTable.List(session).FindAll(stored => stored.Plan.IsDesiredState), cancellationToken);

    public async IAsyncEnumerable<CertificateRotation> RotationsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (task, row) = (0L, 0L);
        while (true)
        {
            var (afterTask, afterRow) = (task, row);
            var page = await database.ReadAsync(session => RotationTable.After(session, afterTask, afterRow), cancellationToken);
            foreach (var (_, rotation) in page)
                yield return rotation;
            if (page.Count == 0)
                yield break;
            (task, row) = (page[^1].Task, page[^1].Rotation.Row);
        }
    }

    public async ValueTask EndRotationAsync(CertificateRotation rotation, RotationState state, CancellationToken cancellationToken) =>
        await database.WriteAsync(session => RotationTable.End(session, rotation.TaskId, rotation.Row, state), cancellationToken);

    public ValueTask<BulkRegistrationTask> StopAsync(string taskId, CancellationToken cancellationToken) => database.WriteAsync(
        session =>
        {
            var found = Find(session, taskId);
            switch (Seen(found).Status)
            {
                case BulkRegistrationStatus.InProgress:
                    TaskTable.SetStatus(session, found.Id, BulkRegistrationStatus.Cancelling, null);
                    break;
                case BulkRegistrationStatus.Interrupted when found.MayHaveLeft:
                    TaskTable.SetStatus(session, found.Id, BulkRegistrationStatus.Cancelling, found.Task.Message);
                    break;
                case BulkRegistrationStatus.Interrupted:
                    TaskTable.End(session, found.Id, BulkRegistrationStatus.Cancelled, null);
                    break;
                case BulkRegistrationStatus.Cancelling:
                    break;
                case var over:
                    throw CdfErrorCode.Conflict.Error($"Task {taskId} is {over}: there is nothing to stop.");
            }
            return Seen(Find(session, taskId));
        },
        cancellationToken);

    public async ValueTask RemoveAsync(string taskId, CancellationToken cancellationToken) => await database.WriteAsync(
        session =>
        {
            var found = Find(session, taskId);
            return Seen(found).Status is BulkRegistrationStatus.Completed or BulkRegistrationStatus.Failed or BulkRegistrationStatus.Cancelled
                ? TaskTable.Delete(session, found.Id)
                : throw CdfErrorCode.Conflict.Error($"Task {taskId} is {Seen(found).Status}: stop it before it is removed.");
        },
        cancellationToken);

    public async IAsyncEnumerable<BulkRegistrationResult> ResultsAsync(
        string taskId, bool failedOnly, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var id = await database.ReadAsync(session => Find(session, taskId).Id, cancellationToken);
        var sql = $"""
            SELECT row, thing_name, certificate, error_code, error, parameters, policies FROM task_result
            WHERE task = $1 AND row > $2{(failedOnly ? " AND error_code IS NOT NULL" : "")}
            ORDER BY row LIMIT {ResultsPerPage}
            """;
        var last = 0L;
        while (true)
        {
            var after = last;
            var page = await database.ReadAsync(session => session.Query(sql, row => Result(session, taskId, row), id, after), cancellationToken);
            foreach (var result in page)
                yield return result;
            if (page.Count < ResultsPerPage)
                yield break;
            last = page[^1].Row;
        }
    }

    private ITaskRun Run(TaskClaim claim) => claim.Plan.IsIssuance ? new IssuanceRun(claim) : run(claim);

    private BulkRegistrationResult Result(Session session, string taskId, Row row)
    {
        var fingerprint = row.IsNull(2) ? null : row.Blob(2);
        return new()
        {
            TaskId = taskId,
            Row = row.Int64(0),
            ThingName = row.TextOrNull(1),
            Succeeded = row.IsNull(3),
            CertificateId = fingerprint is null ? null : Convert.ToHexStringLower(fingerprint),
            CertificatePem = fingerprint is not null && certificateOf?.Invoke(session, fingerprint) is { } der ? Pem.Encode("CERTIFICATE", der) : null,
            ErrorCode = row.TextOrNull(3),
            Error = row.TextOrNull(4),
            Parameters = row.IsNull(5) ? null : RowsBlob.Decode(row.Blob(5), firstRow: 1)[0].Parameters,
            PolicyArns = row.IsNull(6) ? null : JsonSerializer.Deserialize<Dictionary<string, string>>(row.Text(6)),
        };
    }

    private static StoredTask Find(Session session, string taskId) => TaskTable.Find(session, taskId)
        ?? throw CdfErrorCode.NotFound.Error($"There is no task '{taskId}' in this registry. Get-CdfBulkRegistration lists those there are.");

    private static string WhyNotResumed(BulkRegistrationTask task) => task.Status switch
    {
        BulkRegistrationStatus.InProgress or BulkRegistrationStatus.Cancelling => $"Task {task.TaskId} is being run already. Wait-CdfBulkRegistration waits for it.",
        var over => $"Task {task.TaskId} is {over}: there is nothing to resume.",
    };

    /// <summary>
    /// Tasks as their users see them. An owner may end its task and go after the file was read: so where one has gone, the
    /// file is read once more, for what it did last.
    /// </summary>
    private async ValueTask<IReadOnlyList<BulkRegistrationTask>> LookAsync(Func<Session, IReadOnlyList<StoredTask>> find, CancellationToken cancellationToken)
    {
        var tasks = await database.ReadAsync(find, cancellationToken);
        var gone = tasks.Where(IsAbandoned).Select(stored => stored.Owner).ToHashSet();
        if (gone.Count > 0)
            tasks = await database.ReadAsync(find, cancellationToken);
        return [.. tasks.Select(stored => Seen(stored, gone.Contains(stored.Owner)))];
    }

    /// <summary>The task as its user sees it. The writer alone may ask so: no owner ends a task while it does.</summary>
    private BulkRegistrationTask Seen(StoredTask stored) => Seen(stored, IsAbandoned(stored));

    /// <summary>Without a living owner a task is not in progress, nor over as long as it is not known what became of rows.</summary>
    private static BulkRegistrationTask Seen(StoredTask stored, bool isAbandoned) => (isAbandoned, stored.Task.Status) switch
    {
        (true, BulkRegistrationStatus.InProgress) => stored.Task with { Status = BulkRegistrationStatus.Interrupted },
        (true, BulkRegistrationStatus.Cancelling) when stored.MayHaveLeft => stored.Task with { Status = BulkRegistrationStatus.Interrupted },
        (true, BulkRegistrationStatus.Cancelling) => stored.Task with { Status = BulkRegistrationStatus.Cancelled },
        _ => stored.Task,
    };

    private bool IsAbandoned(StoredTask stored) =>
        stored.Task.Status is BulkRegistrationStatus.InProgress or BulkRegistrationStatus.Cancelling
        && !(stored.Owner is { } owner && OwnerLock.IsHeld(_locks, owner));

    /// <summary>Deletes lists whose sender died before they were complete.</summary>
    private async ValueTask DeleteUnfinishedAsync(CancellationToken cancellationToken)
    {
        var unfinished = await database.ReadAsync(TaskTable.ListUnfinished, cancellationToken);
        foreach (var (id, owner) in unfinished)
            if (!OwnerLock.IsHeld(_locks, owner))
            {
                await database.WriteAsync(session => TaskTable.IsUnfinished(session, id) ? TaskTable.Delete(session, id) : 0, cancellationToken);
                OwnerLock.Forget(_locks, owner);
            }
    }
}
