using CdfProvisioning.Lists;
using CdfProvisioning.Storage.Journal;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Storage.Tests;

/// <summary>A journal of lists in a file of its own, as one process has it open.</summary>
internal sealed class Journal : IAsyncDisposable
{
    private Journal(Database database) => (Database, Store) = (database, new(database, claim => new Run(claim), (_, fingerprint) => fingerprint));

    public Database Database { get; }

    public JournaledTaskStore Store { get; }

    public static async Task<Journal> OpenAsync(string path, CancellationToken cancellationToken) =>
        new(await Database.OpenAsync(path, JournalSchema.OfItsOwnFile, cancellationToken));

    /// <summary>A list that is being received.</summary>
    public async Task<Run> DraftAsync(NewTask? task = null) => (Run)await Store.CreateAsync(task ?? new(null, "{}"), CancellationToken.None);

    /// <summary>A list that was received, with rows of which each has its number.</summary>
    public async Task<Run> ListAsync(int rows, NewTask? task = null)
    {
        var run = await DraftAsync(task);
        await run.AppendAsync([.. Enumerable.Range(1, rows).Select(Row)], CancellationToken.None);
        await run.SealAsync(CancellationToken.None);
        return run;
    }

    public async Task<Run> ClaimAsync(string taskId) => (Run)await Store.ClaimAsync(taskId, CancellationToken.None);

    public static IReadOnlyDictionary<string, string> Row(int number) => new Dictionary<string, string>
    {
        ["n"] = $"{number}",
        ["CdfThingName"] = $"thing-{number}",
        ["CdfRotatedCertificateId"] = $"old-{number}",
    };

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    /// <summary>Has of each row a result that the test gives it.</summary>
    internal sealed class Run(TaskClaim claim) : JournaledTaskRun(claim)
    {
        public override ValueTask<BulkRegistrationTask> ApplyAsync(IReadOnlyList<PreparedRow> rows, CancellationToken cancellationToken) => throw new NotSupportedException();

        /// <summary>Notes results: of each row the byte of which its certificate consists, or null if it failed.</summary>
        public ValueTask<BulkRegistrationTask> NoteAsync(long firstRow, params byte?[] results) => Claim.Database.WriteAsync(
            session =>
            {
                CheckOwner(session);
                for (var i = 0; i < results.Length; i++)
                {
                    var failure = CdfErrorCode.InvalidRequest.Error("It is bad.");
                    var row = new PreparedRow(new(firstRow + i, Row((int)firstRow + i)), $"thing-{firstRow + i}", failure);
                    if (results[i] is { } certificate)
                        Insert(session, row, [certificate], """{"own":"arn"}""", null);
                    else
                        Insert(session, row, null, null, failure);
                }
                return Count(session, firstRow, results.Count(result => result is not null), results.Count(result => result is null));
            },
            CancellationToken.None);

        /// <summary>What is left of it when its process is killed.</summary>
        public string Kill()
        {
            Claim.Owner.Dispose();
            return TaskId;
        }
    }
}
