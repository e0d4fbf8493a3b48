namespace CdfProvisioning.Aws.Tests.Tasks;

public sealed class KilledAwsListTests : IDisposable
{
    private const string FolderVariable = "CDF_TEST_KILLED_AWS_LIST";
    private const string TaskVariable = "CDF_TEST_KILLED_AWS_TASK";
    private const string Running = "the list is running";
    private const int Devices = 1_500;
    private const int Kills = 6;

    private const int FleetDevices = 600;
    private const int FleetKills = 3;

    private readonly TemporaryFolder _folder = new();

    private static IEnumerable<string> FleetNames => Enumerable.Range(1, FleetDevices).Select(i => $"device-{i}");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("own-ca")]
    [InlineData("aws-keys")]
    public async Task A_list_killed_again_and_again_and_resumed_registers_every_device_once(string template)
    {
        string taskId;
        await using (var workshop = await AwsWorkshop.OpenAsync(_folder.Path))
            taskId = (await workshop.StartAsync(template, Enumerable.Range(1, Devices).Select(i => $"device-{i}"))).TaskId;

        for (var kill = 0; kill < Kills; kill++)
            await KillAsync(taskId);

        await using var last = await AwsWorkshop.OpenAsync(_folder.Path);
        Assert.Equal(BulkRegistrationStatus.Interrupted, (await last.Lists.GetAsync(taskId, Cancellation)).Status);
        var task = await last.WaitAsync(await last.Lists.ResumeAsync(taskId, Cancellation));

        await last.AssertDevicesAsync(task, Devices);
    }

    [Fact]
    public async Task A_rotation_killed_again_and_again_and_resumed_gives_every_device_one_new_certificate()
    {
        string taskId;
        await using (var workshop = await AwsWorkshop.OpenAsync(_folder.Path))
        {
            await workshop.RunAsync("own-ca", FleetNames);
            taskId = (await workshop.StartRotationAsync("own-ca", FleetNames)).TaskId;
        }

        for (var kill = 0; kill < FleetKills; kill++)
            await KillAsync(taskId);

        await using var last = await AwsWorkshop.OpenAsync(_folder.Path);
        await last.AssertRotatedAsync(await last.WaitAsync(await last.Lists.ResumeAsync(taskId, Cancellation)), FleetDevices);
    }

    [Fact]
    public async Task A_synchronization_killed_again_and_again_and_begun_anew_registers_every_device_once()
    {
        for (var kill = 0; kill < FleetKills; kill++)
        {
            using var child = ChildProcess.Start<KilledAwsListTests>(nameof(SynchronizeUntilKilledAsync), (FolderVariable, _folder.Path));
            await child.ReadLineAsync(Running);
            await child.KillAsync(within: TimeSpan.FromMilliseconds(100));
        }

        await using var last = await AwsWorkshop.OpenAsync(_folder.Path);
        Assert.InRange((await last.SynchronizeAsync("own-ca", FleetNames)).NewCount, 1, FleetDevices);
        await last.AssertEachOnceAsync(FleetDevices);
        Assert.Equal(FleetDevices, (await last.SynchronizeAsync("own-ca", FleetNames)).SameCount);
    }

    /// <summary>The child process of the test above: synchronises the list until it is killed.</summary>
    private static async Task SynchronizeUntilKilledAsync()
    {
        await using var workshop = await AwsWorkshop.OpenAsync(Environment.GetEnvironmentVariable(FolderVariable)!);
        await workshop.SynchronizeAsync("own-ca", FleetNames, () => Console.WriteLine(Running));
    }

    private async Task KillAsync(string taskId)
    {
        using var child = ChildProcess.Start<KilledAwsListTests>(nameof(ResumeUntilKilledAsync), (FolderVariable, _folder.Path), (TaskVariable, taskId));
        await child.ReadLineAsync(Running);
        await child.KillAsync(within: TimeSpan.FromMilliseconds(150));
    }

    /// <summary>The child process of the tests above: resumes the list, and runs it until it is killed.</summary>
    private static async Task ResumeUntilKilledAsync()
    {
        await using var workshop = await AwsWorkshop.OpenAsync(Environment.GetEnvironmentVariable(FolderVariable)!);
        var task = await workshop.Lists.ResumeAsync(Environment.GetEnvironmentVariable(TaskVariable)!, Cancellation);
        Console.WriteLine(Running);
        await workshop.WaitAsync(task);
    }
}
