namespace CdfProvisioning.Aws.Tests.Tasks;

/// <summary>Lists on AWS that older versions of the module kept, in a file that had the registry's tables too.</summary>
public sealed class OldListsTests : IDisposable
{
    private const string EndedList = "86e62b8e-3636-4733-b8e5-de44cc653a20";
    private const string InterruptedList = "47873c7b-ffd9-4e36-ab18-10310450c1c6";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_list_that_format_3_left_interrupted_can_be_resumed_and_stopped(bool isResumed)
    {
        OldFile.Make(AwsWorkshop.JournalOf(_folder.Path), "lists-3.sql", _folder.File("keys"));
        await using var workshop = await AwsWorkshop.OpenAsync(_folder.Path);
        var ended = await workshop.Lists.GetAsync(EndedList, Cancellation);
        Assert.Equal((BulkRegistrationStatus.Completed, 1, 1), (ended.Status, (int)ended.RowCount, (int)ended.SuccessCount));
        var interrupted = await workshop.Lists.GetAsync(InterruptedList, Cancellation);
        Assert.Equal((BulkRegistrationStatus.Interrupted, 8, 0), (interrupted.Status, (int)interrupted.RowCount, (int)interrupted.SuccessCount));
        Assert.Equal(["sensor-2"], await workshop.Lists.ResultsAsync(EndedList, failedOnly: false, Cancellation).Select(result => result.ThingName!).ToListAsync(Cancellation));

        var task = isResumed
            ? await workshop.WaitAsync(await workshop.Lists.ResumeAsync(InterruptedList, Cancellation))
            : await workshop.Lists.StopAsync(InterruptedList, Cancellation);

        // All rows were under way: a list that is stopped brings those to their end too.
        Assert.Equal((isResumed ? BulkRegistrationStatus.Completed : BulkRegistrationStatus.Cancelled, 8, 0), (task.Status, (int)task.SuccessCount, (int)task.FailureCount));
        Assert.Equal(8, await workshop.CountAsync("thing"));
    }
}
