using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using CdfProvisioning.Lists;
using Xunit;

namespace CdfProvisioning.Storage.Tests;

/// <summary>Lists from their first row until they are forgotten, whoever runs them and whoever dies meanwhile.</summary>
public sealed class JournalTests : JournalTestBase
{
    [Fact]
    public async Task A_list_is_seen_when_it_is_whole()
    {
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        var draft = await Journal.DraftAsync(new("plant", "{}", "/keys"));
        await draft.AppendAsync([Journal.Row(1), Journal.Row(2)], Cancellation);
        await draft.AppendAsync([Journal.Row(3)], Cancellation);
        await RefusedAsync(CdfErrorCode.NotFound, "There is no task", async () => await GetAsync(draft.TaskId));
        Assert.Empty(await ListAsync());

        await draft.SealAsync(Cancellation);

        var task = Assert.Single(await ListAsync());
        Assert.Equal((draft.TaskId, BulkRegistrationStatus.InProgress, 3L, "plant", "/keys"), (task.TaskId, task.Status, task.RowCount, task.ProvisioningTemplateId, task.KeyDirectory));
        Assert.InRange(task.CreationDate, before, DateTimeOffset.UtcNow);
        Assert.InRange(task.LastModifiedDate, task.CreationDate, DateTimeOffset.UtcNow);
        Assert.Equal([[1L, 2], [3]], await RowsAsync(draft));
    }

    [Fact]
    public async Task A_list_that_was_not_received_to_its_end_leaves_nothing()
    {
        var draft = await Journal.DraftAsync();
        await draft.AppendAsync([Journal.Row(1)], Cancellation);

        await draft.DisposeAsync();

        Assert.Equal(0, await CountAsync("task"));
        Assert.Equal(0, await CountAsync("task_input"));
    }

    [Fact]
    public async Task Lists_whose_senders_have_died_are_forgotten_when_the_next_one_comes_and_those_of_the_living_are_not()
    {
        var dead = await Journal.DraftAsync();
        await dead.AppendAsync([Journal.Row(1)], Cancellation);
        var lockOfDead = Assert.Single(Locks());
        dead.Kill();
        await File.WriteAllTextAsync(lockOfDead, "", Cancellation); // which a killed process cannot delete
        var living = await Journal.DraftAsync();
        await living.AppendAsync([Journal.Row(1)], Cancellation);
        Assert.Equal(1, await CountAsync("task"));
        Assert.False(File.Exists(lockOfDead));

        await Journal.ListAsync(1);
        await living.SealAsync(Cancellation);

        Assert.Equal(2, (await ListAsync()).Count);
        Assert.Contains(living.TaskId, (await ListAsync()).Select(task => task.TaskId));
    }

    [Fact]
    public async Task A_list_whose_owner_has_died_is_interrupted_and_goes_on_with_the_first_row_without_a_result()
    {
        var run = await Journal.DraftAsync();
        foreach (var rows in new[] { Enumerable.Range(1, 4), Enumerable.Range(5, 2) })
            await run.AppendAsync([.. rows.Select(Journal.Row)], Cancellation);
        await run.SealAsync(Cancellation);
        var counted = await run.NoteAsync(1, 1, null, 3);
        Assert.Equal((2L, 1L, 50), (counted.SuccessCount, counted.FailureCount, counted.PercentageProgress));

        var taskId = run.Kill();
        Assert.Equal(BulkRegistrationStatus.Interrupted, (await GetAsync(taskId)).Status);
        var next = await Journal.ClaimAsync(taskId);

        Assert.Equal(BulkRegistrationStatus.InProgress, (await GetAsync(taskId)).Status);
        Assert.Equal([[4L], [5, 6]], await RowsAsync(next));
        Assert.Equal([(3L, "thing-3"), (1, "thing-1")], await next.LastRegisteredAsync(5, Cancellation));
        Assert.Equal([(3L, "thing-3")], await next.LastRegisteredAsync(1, Cancellation));
        await next.NoteAsync(4, 4, 5, 6);
        Assert.Empty(await RowsAsync(await Journal.ClaimAsync(next.Kill())));
    }

    [Fact]
    public async Task A_list_is_nobodys_to_resume_that_is_being_run_or_over_or_unknown()
    {
        var run = await Journal.ListAsync(1);
        await RefusedAsync(CdfErrorCode.Conflict, $"Task {run.TaskId} is being run already", async () => await Journal.ClaimAsync(run.TaskId));
        await run.EndAsync(BulkRegistrationStatus.Completed, null, Cancellation);
        await RefusedAsync(CdfErrorCode.Conflict, "is Completed: there is nothing to resume", async () => await Journal.ClaimAsync(run.TaskId));
        await RefusedAsync(CdfErrorCode.NotFound, "There is no task 'none'", async () => await Journal.ClaimAsync("none"));

        Assert.Single(Locks()); // what was refused holds none
    }

    [Fact]
    public async Task Who_goes_on_with_a_list_takes_away_what_its_dead_owner_has_left()
    {
        var run = await Journal.ListAsync(1);
        var (lockOfDead, text) = (Assert.Single(Locks()), "");
        run.Kill();
        await File.WriteAllTextAsync(lockOfDead, text, Cancellation);

        await Journal.ClaimAsync(run.TaskId);

        Assert.False(File.Exists(lockOfDead));
        Assert.Single(Locks());
    }

    [Fact]
    public async Task Why_a_list_was_interrupted_is_said_until_somebody_goes_on_with_it()
    {
        var run = await Journal.ListAsync(2);
        await run.EndAsync(BulkRegistrationStatus.Interrupted, "The disk is full.", Cancellation);
        await run.DisposeAsync();
        var task = await GetAsync(run.TaskId);
        Assert.Equal((BulkRegistrationStatus.Interrupted, "The disk is full."), (task.Status, task.Message));

        var next = await Journal.ClaimAsync(run.TaskId);

        Assert.Null((await GetAsync(run.TaskId)).Message);
        Assert.Equal([[1L, 2]], await RowsAsync(next));
    }

    [Fact]
    public async Task What_was_done_of_a_list_that_another_has_taken_over_is_not_written_down()
    {
        var former = await Journal.ListAsync(2);
        former.Kill();
        var owner = await Journal.ClaimAsync(former.TaskId);

        await RefusedAsync(CdfErrorCode.Unavailable, "has been taken over", async () => await former.NoteAsync(1, 1));
        await RefusedAsync(CdfErrorCode.Unavailable, "has been taken over", async () => await former.EndAsync(BulkRegistrationStatus.Completed, null, Cancellation));
        await RefusedAsync(CdfErrorCode.Unavailable, "has been taken over", async () => await former.EndAsync(BulkRegistrationStatus.Interrupted, "x", Cancellation));

        Assert.Equal(1, (await owner.NoteAsync(1, 1)).SuccessCount);
    }

    [Fact]
    public async Task Results_are_those_of_the_rows_from_the_first_without_gaps()
    {
        var run = await Journal.ListAsync(3);
        var error = await Assert.ThrowsAsync<CdfException>(async () => await run.NoteAsync(2, 1));
        Assert.Contains("the rows before row 2 have no results yet", error.Message, StringComparison.Ordinal);
        Assert.Empty(await ResultsAsync(run.TaskId));

        await run.NoteAsync(1, 1);
        await Assert.ThrowsAsync<CdfException>(async () => await run.NoteAsync(1, 1));
        Assert.Equal(1, (await run.FlushAsync(Cancellation)).SuccessCount);
    }

    [Fact]
    public async Task Results_tell_the_certificate_of_what_was_registered_and_the_parameters_of_what_was_not()
    {
        var run = await Journal.ListAsync(2);
        await run.NoteAsync(1, 0xAB, null);

        var results = await ResultsAsync(run.TaskId);
        Assert.Equal((run.TaskId, 1L, "thing-1", true, "ab"), (results[0].TaskId, results[0].Row, results[0].ThingName, results[0].Succeeded, results[0].CertificateId));
        Assert.Contains("qw==", results[0].CertificatePem, StringComparison.Ordinal);
        Assert.Equal("arn", results[0].PolicyArns!["own"]);
        Assert.Null(results[0].Parameters);
        Assert.Null(results[0].Error);
        Assert.Equal((2L, "thing-2", false, "It is bad."), (results[1].Row, results[1].ThingName, results[1].Succeeded, results[1].Error));
        Assert.NotNull(results[1].ErrorCode);
        Assert.Equal(Journal.Row(2), results[1].Parameters);
        Assert.Null(results[1].CertificateId);
        Assert.Null(results[1].CertificatePem);
        Assert.Null(results[1].PolicyArns);
    }

    [Theory]
    [InlineData(499)]
    [InlineData(500)]
    [InlineData(1_001)]
    public async Task All_results_come_in_the_order_of_the_rows_or_those_that_failed(int rows)
    {
        var run = await Journal.ListAsync(rows);
        await run.NoteAsync(1, [.. Enumerable.Range(1, rows).Select(row => row % 2 == 0 ? (byte?)null : 1)]);

        Assert.Equal(Enumerable.Range(1, rows).Select(row => (long)row), (await ResultsAsync(run.TaskId)).Select(result => result.Row));
        Assert.Equal(Enumerable.Range(1, rows / 2).Select(row => row * 2L), (await ResultsAsync(run.TaskId, failedOnly: true)).Select(result => result.Row));
        await RefusedAsync(CdfErrorCode.NotFound, "There is no task", async () => await ResultsAsync("none"));
    }

    [Fact]
    public async Task A_list_that_is_told_to_stop_is_its_owners_to_end()
    {
        var run = await Journal.ListAsync(1);
        Assert.Equal(BulkRegistrationStatus.Cancelling, (await StopAsync(run.TaskId)).Status);
        Assert.Equal(BulkRegistrationStatus.Cancelling, (await StopAsync(run.TaskId)).Status);
        await RefusedAsync(CdfErrorCode.Conflict, "is being run already", async () => await Journal.ClaimAsync(run.TaskId));

        await run.EndAsync(BulkRegistrationStatus.Cancelled, null, Cancellation);

        Assert.Equal(BulkRegistrationStatus.Cancelled, (await GetAsync(run.TaskId)).Status);
        await RefusedAsync(CdfErrorCode.Conflict, "is Cancelled: there is nothing to stop", async () => await StopAsync(run.TaskId));
    }

    [Fact]
    public async Task A_list_without_an_owner_is_cancelled_at_once_unless_something_may_be_left_of_its_rows()
    {
        var plain = (await Journal.ListAsync(1)).Kill();
        Assert.Equal(BulkRegistrationStatus.Cancelled, (await StopAsync(plain)).Status);
        Assert.Equal(0, await CountAsync("task_input"));

        foreach (var task in new[] { new NewTask(null, "{}", "/keys"), new NewTask(null, "{}") { KeyFile = "/keys.jsonl" } })
        {
            var run = await Journal.ListAsync(1, task);
            await run.EndAsync(BulkRegistrationStatus.Interrupted, "why", Cancellation);
            run.Kill();
            var stopped = await StopAsync(run.TaskId);
            Assert.Equal((BulkRegistrationStatus.Interrupted, "why"), (stopped.Status, stopped.Message));
            var next = await Journal.ClaimAsync(run.TaskId);
            Assert.Equal(BulkRegistrationStatus.Cancelling, (await GetAsync(run.TaskId)).Status);
            next.Kill();
            Assert.Equal(BulkRegistrationStatus.Interrupted, (await GetAsync(run.TaskId)).Status);
        }
    }

    [Fact]
    public async Task A_list_whose_owner_dies_while_it_stops_is_cancelled_if_nothing_is_left_of_its_rows()
    {
        var plain = await Journal.ListAsync(1);
        await StopAsync(plain.TaskId);
        Assert.Equal(BulkRegistrationStatus.Cancelled, (await GetAsync(plain.Kill())).Status);

        var begun = await Journal.ListAsync(2);
        await begun.NoteAsync(1, 1);
        await StopAsync(begun.TaskId);
        await BeginRowAsync(begun.TaskId, 2);
        Assert.Equal(BulkRegistrationStatus.Interrupted, (await GetAsync(begun.Kill())).Status);
    }

    [Theory]
    [InlineData(BulkRegistrationStatus.Completed)]
    [InlineData(BulkRegistrationStatus.Failed)]
    [InlineData(BulkRegistrationStatus.Cancelled)]
    public async Task A_list_that_is_over_keeps_its_results_and_not_its_rows_until_it_is_forgotten(BulkRegistrationStatus status)
    {
        var run = await Journal.ListAsync(2);
        await run.NoteAsync(1, 1);
        await BeginRowAsync(run.TaskId, 2);
        await RefusedAsync(CdfErrorCode.Conflict, "is InProgress: stop it before it is removed", async () => await Journal.Store.RemoveAsync(run.TaskId, Cancellation));
        await run.EndAsync(status, "over", Cancellation);
        await run.DisposeAsync();
        Assert.Equal((status, "over"), ((await GetAsync(run.TaskId)).Status, (await GetAsync(run.TaskId)).Message));
        Assert.Equal((0, 0, 1), (await CountAsync("task_input"), await CountAsync("task_row"), await CountAsync("task_result")));
        Assert.Equal(0, await CountAsync("task WHERE owner IS NOT NULL"));
        Assert.Empty(Locks());

        await Journal.Store.RemoveAsync(run.TaskId, Cancellation);

        await RefusedAsync(CdfErrorCode.NotFound, "There is no task", async () => await GetAsync(run.TaskId));
        Assert.Equal(0, await CountAsync("task_result"));
    }

    [Fact]
    public async Task A_list_that_cannot_be_written_down_leaves_no_owner()
    {
        await Journal.ListAsync(1);
        await Journal.Database.WriteAsync(session => session.Execute("CREATE TRIGGER full BEFORE INSERT ON task BEGIN SELECT RAISE(ABORT, 'no room'); END"), Cancellation);

        var error = await Assert.ThrowsAsync<CdfException>(() => Journal.DraftAsync());

        Assert.Contains("no room", error.Message, StringComparison.Ordinal);

        Assert.Single(Locks()); // that of the first
    }

    [Fact]
    public async Task Devices_of_lists_are_counted_as_such_with_what_became_of_them()
    {
        var counted = new ConcurrentBag<(long, object?, object?)>(); // also by the tests beside this one
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => l.EnableMeasurementEvents(instrument) };
        listener.SetMeasurementEventCallback<long>((instrument, count, tags, _) =>
        {
            if (instrument.Name == "cdf.registrations")
                counted.Add((count, tags[0].Value, tags[1].Value));
        });
        listener.Start();
        var run = await Journal.ListAsync(71);

        await run.NoteAsync(1, [.. Enumerable.Repeat<byte?>(1, 47), .. Enumerable.Repeat<byte?>(null, 24)]);

        Assert.Contains((47L, "list", "registered"), counted);
        Assert.Contains((24L, "list", "failed"), counted);
    }

    [Fact]
    public async Task A_list_that_is_forgotten_before_it_is_whole_leaves_none_of_its_rows()
    {
        var draft = await Journal.DraftAsync(new(null, "{}") { IsRotation = true });
        await draft.AppendAsync([Journal.Row(1), Journal.Row(2)], Cancellation);
        await BeginRowAsync(draft.TaskId, 1);

        await draft.DisposeAsync();

        foreach (var table in new[] { "task", "task_input", "task_row", "rotation" })
            Assert.Equal(0, await CountAsync(table));
    }

    private static async Task RefusedAsync(CdfErrorCode code, string what, Func<Task> call)
    {
        var error = await Assert.ThrowsAsync<CdfException>(call);
        Assert.Equal(code, error.Code);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    private static async Task<List<long[]>> RowsAsync(Journal.Run run) =>
        await run.RowsAsync(Cancellation).Select(piece => piece.Select(row => long.Parse(row.Parameters["n"], null) == row.Number ? row.Number : -1).ToArray()).ToListAsync(Cancellation);

    /// <summary>Notes that the owner has begun a row, as one does who works with AWS.</summary>
    private async Task BeginRowAsync(string taskId, long row) => await Journal.Database.WriteAsync(
        session => session.Execute("INSERT INTO task_row (task, row) SELECT id, $2 FROM task WHERE task_id = $1", taskId, row), Cancellation);

    private string[] Locks() => Directory.GetFiles(Folder.File("task-owners"));

    private async Task<BulkRegistrationTask> GetAsync(string taskId) => await Journal.Store.GetAsync(taskId, Cancellation);

    private async Task<BulkRegistrationTask> StopAsync(string taskId) => await Journal.Store.StopAsync(taskId, Cancellation);

    private async Task<List<BulkRegistrationTask>> ListAsync() => await Journal.Store.ListAsync(Cancellation).ToListAsync(Cancellation);

    private async Task<List<BulkRegistrationResult>> ResultsAsync(string taskId, bool failedOnly = false) =>
        await Journal.Store.ResultsAsync(taskId, failedOnly, Cancellation).ToListAsync(Cancellation);

    private async Task<long> CountAsync(string table) => await Journal.Database.ReadAsync(session => session.Scalar<long>($"SELECT count(*) FROM {table}"), Cancellation);
}
