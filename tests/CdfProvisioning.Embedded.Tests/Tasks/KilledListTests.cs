using System.Globalization;
using Xunit;

namespace CdfProvisioning.Tests.Tasks;

public sealed class KilledListTests : IDisposable
{
    private const string FolderVariable = "CDF_TEST_KILLED_LIST";
    private const string TaskVariable = "CDF_TEST_KILLED_TASK";
    private const string WithinVariable = "CDF_TEST_KILLED_WITHIN";
    private const string Running = "the list is running";
    private const int Devices = 10_000;
    private const int Kills = 20;

    private const int FleetDevices = 2_000;
    private const int FleetKills = 3;

    private readonly TemporaryFolder _folder = new();

    private static IEnumerable<string> FleetNames => Enumerable.Range(1, FleetDevices).Select(i => $"device-{i}");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_list_killed_twenty_times_and_resumed_registers_every_device_exactly_once(bool inOneFile)
    {
        string taskId;
        await using (var workshop = await Workshop.OpenAsync(_folder.Path))
        {
            var names = Enumerable.Range(1, Devices).Select(i => $"device-{i}");
            taskId = (inOneFile ? await workshop.StartWithKeyFileAsync("own-ca", names) : await workshop.StartAsync("own-ca", names)).TaskId;
        }

        for (var kill = 0; kill < Kills; kill++)
            await KillAsync(taskId);

        await using var last = await Workshop.OpenAsync(_folder.Path);
        var interrupted = await last.Lists.GetAsync(taskId, Cancellation);
        Assert.Equal(BulkRegistrationStatus.Interrupted, interrupted.Status);
        var task = await last.WaitAsync(await last.Lists.ResumeAsync(taskId, Cancellation));

        Assert.Equal((BulkRegistrationStatus.Completed, Devices, 0), (task.Status, task.SuccessCount, task.FailureCount));
        Assert.Equal(Devices, await last.CountAsync("thing"));
        Assert.Equal(Devices, await last.CountAsync("certificate"));
        Assert.Equal(Devices, await last.CountAsync("thing_principal"));
        var results = await last.ResultsAsync(task);
        Assert.Equal(Devices, results.Select(r => r.ThingName).Distinct().Count());
        if (inOneFile)
        {
            Assert.Equal(results.Select(r => (r.Row, r.ThingName, r.CertificateId)), last.KeyLines().Select(line => (line.Row, line.Thing, (string?)line.CertificateId)));
        }
        else
        {
            Assert.All(results, r => Assert.Equal(r.CertificateId, last.CertificateIdOfKeyFile(r.ThingName!)));
            Assert.Equal(Devices, Directory.EnumerateFiles(last.Keys).Count());
            Assert.DoesNotContain(Directory.EnumerateFiles(last.Keys), file => !File.ReadAllText(file).EndsWith("-----END CERTIFICATE-----\n", StringComparison.Ordinal));
        }
        Assert.Equal("ok", await last.Database.ReadAsync(session => session.Scalar<string>("PRAGMA integrity_check"), Cancellation));
        TestContext.Current.SendDiagnosticMessage($"{interrupted.SuccessCount} devices were registered between {Kills} kills.");
    }

    [Fact]
    public async Task Certificates_for_devices_that_register_later_have_exactly_one_key_each_though_making_them_is_killed_again_and_again()
    {
        string taskId;
        await using (var workshop = await Workshop.OpenAsync(_folder.Path))
            taskId = (await workshop.StartIssuanceAsync(Enumerable.Range(1, Devices).Select(i => $"device-{i}"))).TaskId;

        for (var kill = 0; kill < FleetKills; kill++)
            await KillAsync(taskId);

        await using var last = await Workshop.OpenAsync(_folder.Path);
        var task = await last.WaitAsync(await last.Lists.ResumeAsync(taskId, Cancellation));

        Assert.Equal((BulkRegistrationStatus.Completed, Devices, 0), (task.Status, task.SuccessCount, task.FailureCount));
        var lines = last.KeyLines();
        Assert.Equal(Enumerable.Range(1, Devices).Select(i => ((long)i, (string?)$"device-{i}")), lines.Select(line => (line.Row, line.Thing)));
        Assert.Equal((await last.ResultsAsync(task)).Select(r => (r.Row, r.CertificateId)), lines.Select(line => (line.Row, (string?)line.CertificateId)));
        Assert.Equal((0, 0), (await last.CountAsync("thing"), await last.CountAsync("certificate")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_killed_list_that_is_stopped_leaves_no_key_of_a_device_that_was_not_registered(bool inOneFile)
    {
        string taskId;
        await using (var workshop = await Workshop.OpenAsync(_folder.Path))
        {
            var names = Enumerable.Range(1, Devices).Select(i => $"device-{i}");
            taskId = (inOneFile ? await workshop.StartWithKeyFileAsync("own-ca", names) : await workshop.StartAsync("own-ca", names)).TaskId;
        }
        for (var kill = 0; kill < 3; kill++)
            await KillAsync(taskId, withinMilliseconds: 400);

        await using var last = await Workshop.OpenAsync(_folder.Path);
        var task = await last.Lists.StopAsync(taskId, Cancellation);

        Assert.Equal(BulkRegistrationStatus.Cancelled, task.Status);
        Assert.InRange(task.SuccessCount, 0, Devices - 1); // how far it came depends on the machine
        Assert.Equal(task.SuccessCount, await last.CountAsync("certificate"));
        var registered = (await last.ResultsAsync(task)).Select(r => (r.ThingName, r.CertificateId)).Order();
        Assert.Equal(registered, (inOneFile
            ? last.KeyLines().Select(line => (line.Thing, (string?)line.CertificateId))
            : Directory.EnumerateFiles(last.Keys)
                .Where(file => new FileInfo(file).Length > 0) // one that was made and not written yet has no key, and is replaced by whoever needs it
                .Select(Path.GetFileNameWithoutExtension).Select(name => (name, (string?)last.CertificateIdOfKeyFile(name!)))).Order());

        await last.Lists.RemoveAsync(taskId, Cancellation);
        Assert.Empty(await last.Lists.ListAsync(Cancellation).ToListAsync(Cancellation));
        Assert.Equal(0, await last.CountAsync("task_result"));
    }

    [Fact]
    public async Task A_rotation_killed_again_and_again_and_resumed_gives_every_device_one_new_certificate()
    {
        string taskId;
        await using (var workshop = await Workshop.OpenAsync(_folder.Path))
        {
            await workshop.RunAsync("own-ca", FleetNames);
            taskId = (await workshop.StartRotationAsync("own-ca", FleetNames)).TaskId;
        }

        for (var kill = 0; kill < FleetKills; kill++)
            await KillAsync(taskId);

        await using var last = await Workshop.OpenAsync(_folder.Path);
        await last.AssertRotatedAsync(await last.WaitAsync(await last.Lists.ResumeAsync(taskId, Cancellation)), FleetDevices);
    }

    [Fact]
    public async Task A_synchronization_killed_again_and_again_and_begun_anew_registers_every_device_once()
    {
        for (var kill = 0; kill < FleetKills; kill++)
        {
            using var child = ChildProcess.Start<KilledListTests>(nameof(SynchronizeUntilKilledAsync), (FolderVariable, _folder.Path));
            await child.ReadLineAsync(Running);
            await child.KillAsync(within: TimeSpan.FromMilliseconds(40));
        }

        await using var last = await Workshop.OpenAsync(_folder.Path);
        Assert.InRange((await last.SynchronizeAsync("own-ca", FleetNames)).NewCount, 1, FleetDevices);
        await last.AssertEachOnceAsync(FleetDevices);
        Assert.Equal(FleetDevices, (await last.SynchronizeAsync("own-ca", FleetNames)).SameCount);
    }

    /// <summary>The child process of the test above: synchronises the list until it is killed.</summary>
    private static async Task SynchronizeUntilKilledAsync()
    {
        await using var workshop = await Workshop.OpenAsync(Environment.GetEnvironmentVariable(FolderVariable)!);
        await workshop.SynchronizeAsync("own-ca", FleetNames, () => Console.WriteLine(Running));
    }

    private async Task KillAsync(string taskId, int withinMilliseconds = 40)
    {
        using var child = ChildProcess.Start<KilledListTests>(nameof(ResumeUntilKilledAsync), (FolderVariable, _folder.Path), (TaskVariable, taskId), (WithinVariable, $"{withinMilliseconds}"));
        await child.ReadLineAsync(Running);
        await child.KilledAsync();
    }

    /// <summary>The child process of the tests above: resumes the list, and runs it until it is killed.</summary>
    private static async Task ResumeUntilKilledAsync()
    {
        await using var workshop = await Workshop.OpenAsync(Environment.GetEnvironmentVariable(FolderVariable)!);
        var task = await workshop.Lists.ResumeAsync(Environment.GetEnvironmentVariable(TaskVariable)!, Cancellation);
        Console.WriteLine(Running);
        ChildProcess.KillItself(TimeSpan.FromMilliseconds(int.Parse(Environment.GetEnvironmentVariable(WithinVariable)!, CultureInfo.InvariantCulture)));
        await workshop.WaitAsync(task);
    }
}
