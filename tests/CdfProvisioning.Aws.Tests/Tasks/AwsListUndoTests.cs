using System.Collections.Concurrent;
using CdfProvisioning.Aws.Tasks;
using CdfProvisioning.Aws.Tests.Backend;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Storage.Journal;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Aws.Tests.Tasks;

/// <summary>Through AWS's protocol, row by row.</summary>
public sealed class AwsListUndoTests : ListUndoTestBase
{
    private const int Devices = 24;

    private static IEnumerable<string> Names => Enumerable.Range(1, Devices).Select(i => $"d{i}");

    internal override Task<Factory> OpenAsync() => AwsAccount.OpenFactoryAsync();

    internal override ValueTask<Database> OpenJournalAsync(Factory factory) =>
        Database.OpenAsync(Path.Combine(factory.Folder, "lists.db"), JournalSchema.OfItsOwnFile, Cancellation);

    internal override ITaskStore StoreIn(Database journal, Factory factory, Action<long, UnreliableRegistry> cut)
    {
        var lines = new RowLines(factory.Connection.Registry, cut);
        return new JournaledTaskStore(journal, claim => lines.Over(new AwsTaskRun(claim, lines, rowsAtOnce: 64)));
    }

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task Whichever_call_of_a_row_is_lost_every_device_is_registered_once(string extension) =>
        await CheckAllAreRegisteredAsync(extension, (row, line) => line.LosesCall = _ => line.Calls == row ? Lost() : null);

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task Whichever_answer_to_a_row_is_lost_every_device_is_registered_once(string extension) =>
        await CheckAllAreRegisteredAsync(extension, (row, line) => line.LosesAnswer = _ => line.Calls == row ? Lost() : null);

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task Whichever_answer_is_the_last_before_the_network_goes_a_list_that_is_resumed_registers_every_device_once(string extension)
    {
        var isDown = true;
        await CheckAllAreRegisteredAsync(
            extension,
            (row, line) =>
            {
                line.LosesCall = _ => isDown && line.Calls > row ? Lost() : null;
                line.LosesAnswer = _ => isDown && line.Calls == row ? Lost() : null;
            },
            async (lists, interrupted) =>
            {
                Assert.Equal(BulkRegistrationStatus.Interrupted, interrupted.Status);
                isDown = false;
                return await lists.WaitAsync((await lists.ResumeAsync(interrupted.TaskId, Cancellation)).TaskId, null, Cancellation);
            });
    }

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task A_row_that_is_refused_after_whichever_answer_was_lost_leaves_nothing(string extension)
    {
        await using var factory = await OpenAsync();
        await using var journal = await OpenJournalAsync(factory);
        await using var lists = factory.ListsIn(StoreIn(journal, factory, (row, line) =>
        {
            line.LosesAnswer = _ => line.Calls == row ? Lost() : null;
            line.LosesCall = request => line.Calls > row && request is AttachPolicyRequest { PolicyName: "further" } ? IotErrorType.InvalidRequest.Error("Refused.") : null;
        }));

        var task = await lists.RunAsync(factory, ExtensionTemplates.All[extension], factory.CommonParameters(), DeviceLists.Rows(Names));

        var results = (await lists.ResultsAsync(task)).ToLookup(result => result.Error, result => result.ThingName!);
        Assert.Equal(["Refused.", null], results.Select(group => group.Key));
        Assert.InRange(results["Refused."].Count(), 8, Devices - 1);
        Assert.Equal(await ExpectedAsync(extension, results[null]), await StateAsync(factory));
    }

    private static CdfException Lost() => IotErrorType.ServiceUnavailable.Error("The network is down.");

    /// <summary>Registers many devices, of which the first loses its first call, the second its second, and so on.</summary>
    private async Task CheckAllAreRegisteredAsync(
        string extension, Action<long, UnreliableRegistry> cut, Func<BulkRegistrationService, BulkRegistrationTask, Task<BulkRegistrationTask>>? goOn = null)
    {
        var lines = new ConcurrentDictionary<long, UnreliableRegistry>();
        await using var factory = await OpenAsync();
        await using var journal = await OpenJournalAsync(factory);
        await using var lists = factory.ListsIn(StoreIn(journal, factory, (row, line) => cut(row, lines[row] = line)));

        var task = await lists.RunAsync(factory, ExtensionTemplates.All[extension], factory.CommonParameters(), DeviceLists.Rows(Names));
        if (goOn is not null)
            task = await goOn(lists, task);

        Assert.All(await lists.ResultsAsync(task), result => Assert.Null(result.Error));
        Assert.Equal((BulkRegistrationStatus.Completed, Devices), (task.Status, task.SuccessCount));
        Assert.Equal(await ExpectedAsync(extension, Names), await StateAsync(factory));
        Assert.InRange(lines[Devices].Calls, 11, Devices - 1);
    }
}
