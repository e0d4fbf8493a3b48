using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Tests.Tasks;

public sealed class BulkRegistrationTests : WorkshopTestBase
{
    [Fact]
    public async Task Every_device_of_a_list_is_registered_once_with_its_key_in_the_folder()
    {
        var task = await Workshop.RunAsync("own-ca", Names(1000));

        Assert.Equal((BulkRegistrationStatus.Completed, 1000, 0, 100), (task.Status, task.SuccessCount, task.FailureCount, task.PercentageProgress));
        var results = await Workshop.ResultsAsync(task);
        Assert.Equal(Enumerable.Range(1, 1000).Select(i => (long)i), results.Select(r => r.Row));
        Assert.All(results, r => Assert.Equal(r.CertificateId, Workshop.CertificateIdOfKeyFile(r.ThingName!)));
        Assert.All(results, r => Assert.StartsWith("-----BEGIN CERTIFICATE-----", r.CertificatePem));
        Assert.Equal(1000, await Workshop.CountAsync("thing"));
        Assert.Equal(1000, await Workshop.CountAsync("certificate"));
        Assert.Equal(0, await Workshop.CountAsync("task_input"));
    }

    [Fact]
    public async Task Only_the_owner_may_read_the_keys()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no file modes.");
            return;
        }
        await Workshop.RunAsync("own-ca", "x:1");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Workshop.Keys));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Workshop.Keys, "x%3A1.pem")));
    }

    [Fact]
    public async Task A_row_that_cannot_be_registered_fails_alone_and_leaves_no_key()
    {
        var task = await Workshop.RunAsync("own-ca", "good-1", "not good", "good-2");

        Assert.Equal((BulkRegistrationStatus.Completed, 2, 1), (task.Status, task.SuccessCount, task.FailureCount));
        var failed = Assert.Single(await Workshop.ResultsAsync(task, failedOnly: true));
        Assert.Equal((2, false), (failed.Row, failed.Succeeded));
        Assert.Contains("not good", failed.Error);
        Assert.Equal("InvalidRequestException", failed.ErrorCode);
        Assert.Equal(["good-1.pem", "good-2.pem"], Directory.EnumerateFiles(Workshop.Keys).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("plain", 2)]
    [InlineData("own-ca", 2)]
    [InlineData("own-ca", 150)]
    public async Task A_device_that_the_list_names_twice_is_registered_by_the_first_of_its_rows(string template, int distance)
    {
        string[] names = ["x", .. Names(distance - 1), "x", "last"];
        var task = await Workshop.RunAsync(template, names);

        var failed = Assert.Single(await Workshop.ResultsAsync(task, failedOnly: true));
        Assert.Equal($"Row {distance + 1} repeats thing 'x' of row 1.", failed.Error);
        if (template == "own-ca")
            Assert.Equal((await Workshop.ResultsAsync(task))[0].CertificateId, Workshop.CertificateIdOfKeyFile("x"));
    }

    [Fact]
    public async Task The_key_of_a_registered_device_is_never_overwritten()
    {
        var first = (await Workshop.ResultsAsync(await Workshop.RunAsync("own-ca", "x")))[0];
        var second = (await Workshop.ResultsAsync(await Workshop.RunAsync("own-ca", "x")))[0];

        Assert.False(second.Succeeded);
        Assert.Contains($"belongs to the registered certificate {first.CertificateId}", second.Error);
        Assert.Equal(first.CertificateId, Workshop.CertificateIdOfKeyFile("x"));
        Assert.Equal(1, await Workshop.CountAsync("certificate"));
    }

    [Fact]
    public async Task A_file_that_is_no_key_is_left_alone()
    {
        Directory.CreateDirectory(Workshop.Keys);
        File.WriteAllText(Path.Combine(Workshop.Keys, "x.pem"), "mine");

        var result = (await Workshop.ResultsAsync(await Workshop.RunAsync("own-ca", "x")))[0];

        Assert.Contains("Move it away", result.Error);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(Workshop.Keys, "x.pem")));
    }

    [Fact]
    public async Task A_list_whose_template_makes_keys_must_say_where_they_go()
    {
        var error = await Assert.ThrowsAsync<CdfException>(() => Workshop.Lists.CreateAsync(new BulkRegistrationRequest("own-ca"), Cancellation).AsTask());
        Assert.Contains("-KeyDirectory", error.Message);
        Assert.Empty(await Workshop.Lists.ListAsync(Cancellation).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task A_list_without_a_column_that_the_template_needs_is_refused_before_its_first_row()
    {
        await using var draft = await Workshop.Lists.CreateAsync(new BulkRegistrationRequest("plain"), Cancellation);
        await draft.AddAsync(new Dictionary<string, string> { ["thingname"] = "x" }, Cancellation);

        var error = await Assert.ThrowsAsync<CdfException>(() => draft.StartAsync(Cancellation).AsTask());
        Assert.Contains("no column 'ThingName'", error.Message);
        Assert.Contains("'thingname'", error.Message);
    }

    [Fact]
    public async Task An_empty_list_is_refused_and_leaves_nothing()
    {
        var error = await Assert.ThrowsAsync<CdfException>(() => Workshop.StartAsync("plain"));
        Assert.Contains("empty", error.Message);
        Assert.Equal(0, await Workshop.CountAsync("task"));
    }

    [Fact]
    public async Task An_unknown_task_is_named()
    {
        var error = await Assert.ThrowsAsync<CdfException>(() => Workshop.Lists.GetAsync("nope", Cancellation).AsTask());
        Assert.Equal(CdfErrorCode.NotFound, error.Code);
        Assert.Contains("'nope'", error.Message);
    }

    [Fact]
    public async Task A_stopped_list_is_over()
    {
        var task = await Workshop.StartHeldUpAsync(Names(24));
        await Workshop.Lists.StopAsync(task.TaskId, Cancellation);
        Workshop.LetCaSign();
        task = await Workshop.WaitAsync(task);

        Assert.Equal(BulkRegistrationStatus.Cancelled, task.Status);
        Assert.True(task.SuccessCount < 24);
        Assert.Equal(task.SuccessCount, await Workshop.CountAsync("thing"));
        Assert.Equal(task.SuccessCount, Directory.EnumerateFiles(Workshop.Keys).Count());
        var error = await Assert.ThrowsAsync<CdfException>(() => Workshop.Lists.ResumeAsync(task.TaskId, Cancellation).AsTask());
        Assert.Contains("Cancelled", error.Message);
    }

    [Fact]
    public async Task An_interrupted_list_goes_on_where_it_was()
    {
        var task = await Workshop.StartHeldUpAsync(Names(24));
        task = await Workshop.Lists.InterruptAsync(task.TaskId, Cancellation);
        Assert.Equal(BulkRegistrationStatus.Interrupted, task.Status);
        Assert.Contains("Resume-CdfBulkRegistration", task.Message);
        Assert.True(task.SuccessCount < 24);

        Workshop.LetCaSign();
        task = await Workshop.WaitAsync(await Workshop.Lists.ResumeAsync(task.TaskId, Cancellation));

        Assert.Equal((BulkRegistrationStatus.Completed, 24, 0, null), (task.Status, task.SuccessCount, task.FailureCount, task.Message));
        Assert.Equal(24, await Workshop.CountAsync("certificate"));
    }

    [Fact]
    public async Task A_list_is_seen_as_interrupted_when_its_process_has_ended_and_another_can_resume_it()
    {
        var task = await Workshop.StartHeldUpAsync(Names(48));
        await using var other = await Workshop.OpenAsync(Folder.Path);
        Assert.Equal(BulkRegistrationStatus.InProgress, (await other.Lists.GetAsync(task.TaskId, Cancellation)).Status);
        var busy = await Assert.ThrowsAsync<CdfException>(() => other.Lists.ResumeAsync(task.TaskId, Cancellation).AsTask());
        Assert.Contains("being run already", busy.Message);

        await Workshop.DisposeAsync();
        Assert.Equal(BulkRegistrationStatus.Interrupted, (await other.Lists.GetAsync(task.TaskId, Cancellation)).Status);
        await other.Lists.ResumeAsync(task.TaskId, Cancellation);

        Assert.Equal((BulkRegistrationStatus.Completed, 48), (await other.WaitAsync(task)) is var end ? (end.Status, end.SuccessCount) : default);
    }

    [Fact]
    public async Task Lists_that_end_while_others_are_looked_at_and_made_are_neither_lost_nor_taken_for_interrupted()
    {
        var ends = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => Task.Run(async () =>
        {
            var statuses = new List<BulkRegistrationStatus>();
            for (var j = 1; j <= 40; j++)
            {
                var task = await Workshop.StartAsync("plain", $"device-{i}-{j}");
                while (task.Status == BulkRegistrationStatus.InProgress)
                    task = await Workshop.Lists.GetAsync(task.TaskId, Cancellation);
                statuses.Add(task.Status);
            }
            return statuses;
        })));

        Assert.All(ends.SelectMany(statuses => statuses), status => Assert.Equal(BulkRegistrationStatus.Completed, status));
        Assert.Equal(320, await Workshop.Lists.ListAsync(Cancellation).CountAsync(Cancellation));
    }

    [Fact]
    public async Task Of_many_that_resume_a_list_at_once_one_gets_it()
    {
        var task = await Workshop.StartHeldUpAsync(Names(24));
        await Workshop.Lists.InterruptAsync(task.TaskId, Cancellation);
        await using var other = await Workshop.OpenAsync(Folder.Path);

        var attempts = Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            try
            {
                await (i % 2 == 0 ? Workshop : other).Lists.ResumeAsync(task.TaskId, Cancellation);
                return 1;
            }
            catch (CdfException e) when (e.Code == CdfErrorCode.Conflict)
            {
                return 0;
            }
        }));

        Assert.Equal(1, (await Task.WhenAll(attempts)).Sum());
        Workshop.LetCaSign();
        Assert.Equal(24, (await Workshop.WaitAsync(task)).SuccessCount);
    }

    [Fact]
    public async Task A_list_that_another_process_has_taken_over_is_the_others_to_end()
    {
        var former = await Workshop.OpenAsync(Folder.Path);
        await former.StartHeldUpAsync(Names(48));
        var results = await Workshop.Database.WriteAsync(
            session =>
            {
                session.Execute("UPDATE task SET owner = 'another'");
                return session.Scalar<long>("SELECT count(*) FROM task_result");
            },
            Cancellation);

        await former.DisposeAsync();

        Assert.Equal(1, await Workshop.CountAsync("task WHERE owner = 'another' AND status = 'InProgress'"));
        Assert.Equal(results, await Workshop.CountAsync("task_result"));
        Assert.Equal(results, await Workshop.CountAsync("certificate"));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("own-ca")]
    public async Task A_device_that_was_there_before_is_also_taken_from_the_list_but_once(string template)
    {
        await Workshop.RunAsync("plain", "x");

        var task = await Workshop.RunAsync(template, "x", "y", "x");

        Assert.Equal("Row 3 repeats thing 'x' of row 1.", Assert.Single(await Workshop.ResultsAsync(task, failedOnly: true)).Error);
    }

    [Fact]
    public async Task Another_process_can_stop_a_list()
    {
        var task = await Workshop.StartHeldUpAsync(Names(48));
        await using var other = await Workshop.OpenAsync(Folder.Path);

        Assert.Equal(BulkRegistrationStatus.Cancelling, (await other.Lists.StopAsync(task.TaskId, Cancellation)).Status);
        Workshop.LetCaSign();
        Assert.Equal(BulkRegistrationStatus.Cancelled, (await other.WaitAsync(task)).Status);
    }

    [Fact]
    public async Task A_full_disk_interrupts_a_list_and_leaves_nothing_half_made()
    {
        var task = await Workshop.StartAsync("own-ca", Names(5000));
        await LimitPagesAsync("SELECT page_count + 20 FROM pragma_page_count");
        task = await Workshop.WaitAsync(task);

        Assert.Equal(BulkRegistrationStatus.Interrupted, task.Status);
        Assert.Contains("disk is full", task.Message);
        Assert.InRange(task.SuccessCount, 0, 4999);
        Assert.Equal(task.SuccessCount, await Workshop.CountAsync("thing"));
        Assert.Equal(task.SuccessCount, await Workshop.CountAsync("certificate"));
        Assert.Equal(task.SuccessCount, await Workshop.CountAsync("task_result"));

        await LimitPagesAsync("SELECT 1000000");
        task = await Workshop.WaitAsync(await Workshop.Lists.ResumeAsync(task.TaskId, Cancellation));
        Assert.Equal((BulkRegistrationStatus.Completed, 5000), (task.Status, task.SuccessCount));
        Assert.All(await Workshop.ResultsAsync(task), r => Assert.Equal(r.CertificateId, Workshop.CertificateIdOfKeyFile(r.ThingName!)));
    }

    [Fact]
    public async Task A_list_whose_sender_vanished_before_its_end_is_forgotten()
    {
        await using (var other = await Workshop.OpenAsync(Folder.Path))
        {
            var draft = await other.Lists.CreateAsync(other.Request("plain"), Cancellation);
            for (var i = 0; i < 300; i++)
                await draft.AddAsync(new Dictionary<string, string> { ["ThingName"] = $"x-{i}" }, Cancellation);
            Assert.Empty(await Workshop.Lists.ListAsync(Cancellation).ToListAsync(Cancellation));
            await draft.DisposeAsync();
        }
        Assert.Equal(0, await Workshop.CountAsync("task"));
        Assert.Equal(0, await Workshop.CountAsync("task_input"));
    }

    private static IEnumerable<string> Names(int count) => Enumerable.Range(1, count).Select(i => $"device-{i}");

    private async Task LimitPagesAsync(string pages) => await Workshop.Database.WriteAsync(
        session => session.Scalar<long>($"PRAGMA max_page_count = {session.Scalar<long>(pages)}"), Cancellation);
}
