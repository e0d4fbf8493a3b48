using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Embedded.Tasks;
using CdfProvisioning.Lists;
using CdfProvisioning.Storage.Journal;
using CdfProvisioning.Storage.Sqlite;
using Xunit;

namespace CdfProvisioning.Tests.Tasks;

/// <summary>Files that earlier versions of the module made.</summary>
public sealed class OldFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_registry_keeps_what_is_in_it(int version)
    {
        await using (var old = await Database.OpenAsync(_folder.File("registry.db"), RegistryOf(version), Cancellation))
        {
            await old.WriteAsync(
                session => session.Execute("INSERT INTO thing (name, uuid, version, created_at) VALUES ('old', $1, 1, 0)", Guid.NewGuid()), Cancellation);
        }

        await using var workshop = await Workshop.OpenAsync(_folder.Path);
        var task = await workshop.RunAsync("plain", "new");

        Assert.Equal(BulkRegistrationStatus.Completed, task.Status);
        Assert.Equal(2, await workshop.CountAsync("thing"));
    }

    /// <summary>Until version 3 it had a registry's tables, none of them ever used.</summary>
    [Fact]
    public async Task A_journal_of_lists_keeps_its_tasks_and_loses_the_tables_of_a_registry()
    {
        string taskId;
        await using (var old = await Database.OpenAsync(_folder.File("lists.db"), RegistryOf(version: 3), Cancellation))
        {
            await using var run = await StoreIn(old).CreateAsync(new NewTask("sensor", "{}", null, null), Cancellation);
            await run.AppendAsync([new Dictionary<string, string> { ["ThingName"] = "a" }], Cancellation);
            await run.SealAsync(Cancellation);
            taskId = run.TaskId;
        }

        await using var journal = await Database.OpenAsync(_folder.File("lists.db"), JournalSchema.OfItsOwnFile, Cancellation);

        var task = await StoreIn(journal).GetAsync(taskId, Cancellation);
        Assert.Equal((BulkRegistrationStatus.Interrupted, 1), (task.Status, task.RowCount));
        Assert.Equal(
            ["rotation", "task", "task_input", "task_result", "task_row"],
            await journal.ReadAsync(session => session.Query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name", row => row.Text(0)), Cancellation));
    }

    private static Schema RegistryOf(int version) => new("registry", [.. RegistrySchema.OfItsFile.Scripts.Take(version)]);

    private static JournaledTaskStore StoreIn(Database database) =>
        new(database, claim => new EmbeddedTaskRun(claim, (_, _) => throw new InvalidOperationException("No row is registered here.")));
}
