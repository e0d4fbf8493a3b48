using System.Management.Automation;

namespace CdfProvisioning.PowerShell.Tests;

public sealed class BulkRegistrationTests
{
    private const string KeyMark = "PRIVATE KEY";

    [Fact]
    public void A_list_is_registered_from_a_CSV_file()
    {
        using var session = new Session().Prepare();
        var csv = session.Write("devices.csv", "ThingName,Model\na,1\nb,2\n");

        dynamic task = session.Get("Start-CdfBulkRegistration plain $args[0] -Wait -PassThru", csv).Single();

        Assert.Equal("Completed", $"{task.Status}");
        Assert.Equal(2, task.SuccessCount);
        Assert.Equal("2", session.Get("(Get-CdfThing b).Attributes['model']").Single().BaseObject);
    }

    [Fact]
    public void A_list_is_registered_from_hashtables_and_objects()
    {
        using var session = new Session().Prepare();

        session.Get("@{ ThingName = 'a' }, [pscustomobject]@{ ThingName = 'b' } | Start-CdfBulkRegistration -TemplateId plain -Wait");

        Assert.Equal(2, session.Get("Get-CdfThing").Count);
    }

    [Fact]
    public void Without_PassThru_nothing_is_emitted()
    {
        using var session = new Session().Prepare();

        Assert.Empty(session.Get("@{ ThingName = 'a' } | Start-CdfBulkRegistration plain -Wait"));
    }

    [Fact]
    public void A_task_is_found_waited_for_and_its_results_read()
    {
        using var session = new Session().Prepare();

        var results = session.Get("""
            $task = 1..300 | ForEach-Object { @{ ThingName = "t$_" } } | Start-CdfBulkRegistration plain -PassThru
            $null = Get-CdfBulkRegistration $task.TaskId | Wait-CdfBulkRegistration
            $task | Get-CdfBulkRegistrationResult
            """);

        Assert.Equal(300, results.Count);
        Assert.All(results, result => Assert.True((bool)result.Properties["Succeeded"].Value));
        Assert.Equal("t1", results[0].Properties["ThingName"].Value);
    }

    [Fact]
    public void Rows_that_fail_are_a_warning_and_tell_why()
    {
        using var session = new Session().Prepare();

        var run = session.Run("$task = @{ ThingName = 'a' }, @{ ThingName = 'not allowed!' } | Start-CdfBulkRegistration plain -Wait -PassThru; $task | Get-CdfBulkRegistrationResult -Failed");

        Assert.Empty(run.Errors);
        Assert.Contains("1 of 2", Assert.Single(run.Streams.Warning).Message, StringComparison.Ordinal);
        dynamic failed = Assert.Single(run.Output);
        Assert.Equal(2, failed.Row);
        Assert.Contains("not allowed!", failed.Error);
    }

    [Fact]
    public void A_list_whose_template_makes_keys_needs_a_folder_for_them()
    {
        using var session = new Session().Prepare();

        var error = session.Error("@{ ThingName = 'a' } | Start-CdfBulkRegistration withkey");

        Assert.StartsWith("InvalidRequest,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("KeyDirectory", error.Exception.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(session.Get("Get-CdfBulkRegistration"));
    }

    [Fact]
    public void Keys_of_a_list_go_to_its_folder_and_into_no_stream()
    {
        using var session = new Session().Prepare();

        var run = session.Run("@{ ThingName = 'a' }, @{ ThingName = 'b' } | Start-CdfBulkRegistration withkey -KeyDirectory $args[0] -Wait -PassThru -Verbose -Debug | Get-CdfBulkRegistrationResult", session.PathOf("keys"));

        Assert.Empty(run.Errors);
        Assert.Equal(2, Directory.GetFiles(session.PathOf("keys")).Length);
        Assert.DoesNotContain(KeyMark, run.Messages + string.Concat(run.Output.Select(result => $"{result.BaseObject}")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_template_ends_the_command_once()
    {
        using var session = new Session();

        var error = session.Error("@{ ThingName = 'a' }, @{ ThingName = 'b' } | Start-CdfBulkRegistration nosuch");

        Assert.StartsWith("NotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_without_a_column_that_the_template_needs_ends_the_command_once()
    {
        using var session = new Session().Prepare();

        var error = session.Error("1..600 | ForEach-Object { @{ Model = 'x' } } | Start-CdfBulkRegistration plain");

        Assert.Contains("ThingName", error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(session.Get("Get-CdfBulkRegistration"));
    }

    [Fact]
    public void WhatIf_reads_the_list_and_registers_nothing()
    {
        using var session = new Session().Prepare();
        var csv = session.Write("devices.csv", "ThingName\na\nb\n");

        session.Get("Start-CdfBulkRegistration plain $args[0] -WhatIf -Wait -PassThru", csv);

        Assert.Empty(session.Get("Get-CdfThing; Get-CdfBulkRegistration"));
    }

    [Fact]
    public void An_unknown_task_is_not_found()
    {
        using var session = new Session();

        foreach (var command in new[] { "Get-CdfBulkRegistration", "Wait-CdfBulkRegistration", "Stop-CdfBulkRegistration", "Resume-CdfBulkRegistration", "Get-CdfBulkRegistrationResult" })
        {
            var error = session.Error($"{command} nosuch");
            Assert.StartsWith("NotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Equal("nosuch", error.TargetObject);
        }
    }

    [Fact]
    public void Progress_tells_count_and_rate()
    {
        using var session = new Session().Prepare();
        using var powerShell = session.Create("1..3000 | ForEach-Object { @{ ThingName = \"t$_\" } } | Start-CdfBulkRegistration plain -Wait");

        powerShell.Invoke();

        Assert.Contains(powerShell.Streams.Progress, record => record.Activity == "Registering devices" && record.RecordType == ProgressRecordType.Completed);
        Assert.Contains(powerShell.Streams.Progress, record => record.StatusDescription.EndsWith("/s", StringComparison.Ordinal) && record.StatusDescription.Contains("of 3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ctrl_C_leaves_a_task_that_can_be_resumed()
    {
        using var session = new Session().Prepare();
        using var powerShell = session.Create("1..20000 | ForEach-Object { @{ ThingName = \"t$_\" } } | Start-CdfBulkRegistration withkey -KeyDirectory $args[0] -Wait", session.PathOf("keys"));
        var started = new TaskCompletionSource();
        powerShell.Streams.Progress.DataAdded += (_, _) => started.TrySetResult();

        var running = powerShell.InvokeAsync();
        await started.Task.WaitAsync(TestContext.Current.CancellationToken);
        powerShell.Stop();
        await Assert.ThrowsAsync<PipelineStoppedException>(() => running);

        dynamic task = session.Get("Get-CdfBulkRegistration").Single();
        Assert.Equal("Interrupted", $"{task.Status}");
        Assert.InRange(task.SuccessCount, 0L, 19_999L);
        session.Get("Stop-CdfBulkRegistration $args[0]", task.TaskId);
    }

    [Fact]
    public async Task A_task_whose_process_was_killed_is_resumed()
    {
        using var home = new TempFolder();
        home.Write("plain.json", TestTemplates.Plain);
        using (var process = ShellProcess.Start(home.Path, "-c", "Set-CdfTemplate plain ./plain.json; 1..20000 | ForEach-Object { @{ ThingName = \"t$_\" } } | Start-CdfBulkRegistration plain; 'started'; while ($true) { [System.Threading.Thread]::Sleep(50) }"))
        {
            await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        using var session = new Session(connect: false);
        session.Get("Connect-Cdf $args[0]", home.Path);
        session.Get("Get-CdfBulkRegistration | Where-Object Status -ne Completed | Resume-CdfBulkRegistration -Wait");

        dynamic task = session.Get("Get-CdfBulkRegistration").Single();
        Assert.Equal(20_000, task.SuccessCount);
        session.Get("Disconnect-Cdf");
    }
}
