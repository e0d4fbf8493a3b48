using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Storage.Journal;

/// <summary>The statements on the table of rotations: one row a thing. What became of its new certificate is its task's result.</summary>
internal static class RotationTable
{
    public const string Create = """
        CREATE TABLE rotation ( -- certificates that a task replaces
            task INTEGER NOT NULL,
            row INTEGER NOT NULL,
            thing_name TEXT NOT NULL,
            old_certificate TEXT NOT NULL,
            begun_at INTEGER NOT NULL,
            ended TEXT, -- Completed or Undone
            ended_at INTEGER,
            PRIMARY KEY (task, row)
        ) WITHOUT ROWID;
        """;

    private const int PageSize = 500;

    public static void Insert(Session session, long task, long row, string thingName, string oldCertificate) => session.Execute(
        "INSERT INTO rotation (task, row, thing_name, old_certificate, begun_at) VALUES ($1, $2, $3, $4, $5)", task, row, thingName, oldCertificate, DateTimeOffset.UtcNow);

    /// <summary>The next page after a row of a task, in the order in which they were begun.</summary>
    public static List<(long Task, CertificateRotation Rotation)> After(Session session, long task, long row) => session.Query(
        $"""
        SELECT rotation.task, task.task_id, rotation.row, rotation.thing_name, old_certificate, begun_at, ended, ended_at,
            task_result.row IS NOT NULL, task_result.certificate, task_result.error
        FROM rotation JOIN task ON task.id = rotation.task
            LEFT JOIN task_result ON task_result.task = rotation.task AND task_result.row = rotation.row
        WHERE input_complete AND (rotation.task, rotation.row) > ($1, $2) ORDER BY rotation.task, rotation.row LIMIT {PageSize}
        """,
        Read, task, row);

    public static int End(Session session, string taskId, long row, RotationState state) => session.Execute(
        "UPDATE rotation SET ended = $3, ended_at = $4 WHERE task = (SELECT id FROM task WHERE task_id = $1) AND row = $2", taskId, row, state.ToString(), DateTimeOffset.UtcNow);

    private static (long Task, CertificateRotation Rotation) Read(Row row) => (row.Int64(0), new CertificateRotation
    {
        TaskId = row.Text(1),
        Row = row.Int64(2),
        ThingName = row.Text(3),
        OldCertificateId = row.Text(4),
        StartDate = row.Time(5),
        State = row.TextOrNull(6) is { } ended ? Enum.Parse<RotationState>(ended)
            : !row.Boolean(8) ? RotationState.Pending
            : row.IsNull(10) ? RotationState.Waiting
            : RotationState.Failed,
        EndDate = row.TimeOrNull(7),
        NewCertificateId = row.IsNull(9) ? null : Convert.ToHexStringLower(row.Blob(9)),
        Error = row.TextOrNull(10),
    });
}
