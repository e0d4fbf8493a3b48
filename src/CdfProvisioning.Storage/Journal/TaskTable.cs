using CdfProvisioning.Lists;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Storage.Journal;

/// <summary>The statements on the table of tasks.</summary>
internal static class TaskTable
{
    private const string Select = """
        SELECT id, task_id, template_id, template_body, status, options, row_count, success_count, failure_count, message, created_at, modified_at, owner,
            EXISTS (SELECT 1 FROM task_row WHERE task_row.task = task.id AND task_row.row > success_count + failure_count)
        FROM task
        """;

    public static long Insert(Session session, string taskId, NewTask task, string owner)
    {
        session.Execute(
            """
            INSERT INTO task (task_id, template_id, template_body, status, options, row_count, success_count, failure_count, created_at, modified_at, owner, input_complete)
            VALUES ($1, $2, $3, $4, $5, 0, 0, 0, $6, $6, $7, 0)
            """,
            taskId, task.TemplateId, task.TemplateBody, nameof(BulkRegistrationStatus.InProgress),
            TaskOptions.Of(task).ToJson(), DateTimeOffset.UtcNow, owner);
        return session.LastInsertId;
    }

    public static StoredTask? Find(Session session, string taskId) =>
        session.Single($"{Select} WHERE task_id = $1 AND input_complete", Read, taskId);

    /// <summary>What a request with that key has become within its lifetime.</summary>
    public static StoredTask? FindRequest(Session session, RequestIdentity request) => session.Single(
        $"{Select} WHERE input_complete AND created_at > $2 AND json_extract(options, '$.request.key') = $1 ORDER BY id DESC LIMIT 1",
        Read, request.Key, DateTimeOffset.UtcNow - RequestIdentity.Lifetime);

    public static BulkRegistrationTask Get(Session session, long id) => session.Single($"{Select} WHERE id = $1", Read, id)!.Task;

    public static List<StoredTask> List(Session session) => session.Query($"{Select} WHERE input_complete ORDER BY id", Read);

    public static List<(long Id, string Owner)> ListUnfinished(Session session) =>
        session.Query("SELECT id, owner FROM task WHERE NOT input_complete", row => (row.Int64(0), row.Text(1)));

    public static bool IsUnfinished(Session session, long id) => session.Scalar<bool>("SELECT NOT input_complete FROM task WHERE id = $1", id);

    public static void SetOwner(Session session, long id, string owner) =>
        session.Execute("UPDATE task SET owner = $2, message = NULL, modified_at = $3 WHERE id = $1", id, owner, DateTimeOffset.UtcNow);

    public static void SetStatus(Session session, long id, BulkRegistrationStatus status, string? message) =>
        session.Execute("UPDATE task SET status = $2, message = $3, modified_at = $4 WHERE id = $1", id, status.ToString(), message, DateTimeOffset.UtcNow);

    public static int SetPlan(Session session, long id, NewTask plan) =>
        session.Execute("UPDATE task SET options = $2 WHERE id = $1", id, TaskOptions.Of(plan).ToJson());

    /// <summary>Ends the task for good; its input is not needed any more.</summary>
    public static void End(Session session, long id, BulkRegistrationStatus status, string? message)
    {
        SetStatus(session, id, status, message);
        session.Execute("UPDATE task SET owner = NULL WHERE id = $1", id);
        session.Execute("DELETE FROM task_input WHERE task = $1", id);
        session.Execute("DELETE FROM task_row WHERE task = $1", id);
    }

    public static int Delete(Session session, long id)
    {
        session.Execute("DELETE FROM task_input WHERE task = $1", id);
        session.Execute("DELETE FROM task_row WHERE task = $1", id);
        session.Execute("DELETE FROM task_result WHERE task = $1", id);
        session.Execute("DELETE FROM rotation WHERE task = $1", id);
        return session.Execute("DELETE FROM task WHERE id = $1", id);
    }

    private static StoredTask Read(Row row)
    {
        var options = TaskOptions.Parse(row.Text(5));
        var task = new BulkRegistrationTask
        {
            TaskId = row.Text(1),
            ProvisioningTemplateId = row.TextOrNull(2),
            Status = Enum.Parse<BulkRegistrationStatus>(row.Text(4)),
            RowCount = row.Int64(6),
            SuccessCount = row.Int64(7),
            FailureCount = row.Int64(8),
            Message = row.TextOrNull(9),
            CreationDate = row.Time(10),
            LastModifiedDate = row.Time(11),
            KeyDirectory = options.KeyDirectory,
            KeyFile = options.KeyFile,
            IsIssuance = options.IsIssuance,
        };
        var plan = new NewTask(task.ProvisioningTemplateId, row.TextOrNull(3), options.KeyDirectory, options.CdfParameters, options.Source, options.IsOfServer) { KeyFile = options.KeyFile, KeyRecipient = options.KeyRecipient, Request = options.Request, IsDesiredState = options.IsDesiredState, IsRotation = options.IsRotation, IsIssuance = options.IsIssuance };
        return new StoredTask(row.Int64(0), task, plan, row.TextOrNull(12), MayHaveLeft: row.Int64(13) == 1 || plan.KeepsKeys);
    }
}
