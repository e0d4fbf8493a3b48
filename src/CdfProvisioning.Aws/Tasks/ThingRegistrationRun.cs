using Amazon.S3;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;
using CdfProvisioning.Storage.Journal;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Aws.Tasks;

/// <summary>
/// A task that AWS runs: the list goes to S3, and AWS IoT registers its things. AWS runs one such task at a time for an
/// account and region, so a task may have to wait; its message says for which.
/// </summary>
/// <param name="claim">The task; its plan has the list's place.</param>
/// <param name="registry">AWS IoT.</param>
/// <param name="s3">S3.</param>
/// <param name="pollInterval">How often AWS is asked how far it is, once it is no short task.</param>
internal sealed class ThingRegistrationRun(TaskClaim claim, IDeviceRegistry registry, IAmazonS3 s3, TimeSpan pollInterval) : JournaledTaskRun(claim)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    private ThingRegistrationSource _source = claim.Plan.Source!;
    private ListUpload? _upload;
    private long _rowCount;

    public override async ValueTask AppendAsync(IReadOnlyList<IReadOnlyDictionary<string, string>> rows, CancellationToken cancellationToken)
    {
        _upload ??= new ListUpload(s3, _source.InputFileBucket, _source.InputFileKey);
        await _upload.AddAsync(rows, cancellationToken);
        _rowCount += rows.Count;
    }

    public override async ValueTask SealAsync(CancellationToken cancellationToken)
    {
        await _upload!.CompleteAsync();
        await SealAsync(_rowCount, cancellationToken);
    }

    /// <summary>None: AWS registers them.</summary>
    public override IAsyncEnumerable<IReadOnlyList<DeviceRow>> RowsAsync(CancellationToken cancellationToken) =>
        AsyncEnumerable.Empty<IReadOnlyList<DeviceRow>>();

    public override ValueTask<BulkRegistrationTask> ApplyAsync(IReadOnlyList<PreparedRow> rows, CancellationToken cancellationToken) =>
        throw new NotSupportedException("AWS registers the rows of this task.");

    /// <summary>Starts AWS's task when it is its turn, and waits for its end.</summary>
    public override async ValueTask<BulkRegistrationTask> FlushAsync(CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        while (true)
        {
            var task = await base.FlushAsync(cancellationToken);
            if (_source.TaskId is null && task.Status == BulkRegistrationStatus.Cancelling)
                return task with { Status = BulkRegistrationStatus.Cancelled };
            if (_source.TaskId is null && !await TryStartAsync(cancellationToken))
            {
                await PauseAsync();
                continue;
            }

            var described = await registry.InvokeAsync(new DescribeThingRegistrationTaskRequest(_source.TaskId!), cancellationToken);
            await NoteProgressAsync(described, cancellationToken);
            if (ThingRegistrations.StatusOf(described) is not (BulkRegistrationStatus.InProgress or BulkRegistrationStatus.Cancelling))
                return ThingRegistrations.Merge(await base.FlushAsync(cancellationToken), described);
            await PauseAsync();
        }

        async Task PauseAsync()
        {
            await Task.Delay(pause < pollInterval ? pause : pollInterval, cancellationToken);
            if (pause < pollInterval)
                pause *= 2;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_upload is not null)
            await _upload.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <returns>False if another task has to end first.</returns>
    private async ValueTask<bool> TryStartAsync(CancellationToken cancellationToken)
    {
        if (Claim.RowsDone is not null && await FindOwnAsync(cancellationToken) is { } own)
            return await NoteStartAsync(own);
        if (await IsOtherRunningAsync(cancellationToken))
            return false;

        try
        {
            var body = ProvisioningTemplate.Compile(Plan.TemplateBody!).AwsBody;
            var started = await registry.InvokeAsync(
                new StartThingRegistrationTaskRequest(body, _source.InputFileBucket, _source.InputFileKey, _source.RoleArn), cancellationToken);
            return await NoteStartAsync(started.TaskId!);
        }
        catch (CdfException e) when (e.Code != CdfErrorCode.Unavailable)
        {
            // AWS does not document how it refuses a second task: another may have been faster.
            if (await IsOtherRunningAsync(cancellationToken))
                return false;
            throw e.Code.Error(ThingRegistrations.WithAdvice(e.Message, _source.RoleArn)!, e);
        }
    }

    private async ValueTask<bool> NoteStartAsync(string taskId)
    {
        _source = _source with { TaskId = taskId };
        await Claim.Database.WriteAsync(session => TaskTable.SetPlan(session, Claim.Id, Plan with { Source = _source }), CancellationToken.None);
        await NoteAsync($"AWS IoT runs it as thing registration task {taskId}.", CancellationToken.None);
        return true;
    }

    /// <summary>AWS's task that an interrupted run of this one has started without learning its id: the key of its list is used once.</summary>
    private async ValueTask<string?> FindOwnAsync(CancellationToken cancellationToken)
    {
        await foreach (var id in registry.ThingRegistrationTaskIdsAsync(status: null, cancellationToken))
        {
            var described = await registry.InvokeAsync(new DescribeThingRegistrationTaskRequest(id), cancellationToken);
            if (described.InputFileKey == _source.InputFileKey && described.InputFileBucket == _source.InputFileBucket)
                return id;
        }
        return null;
    }

    private async ValueTask<bool> IsOtherRunningAsync(CancellationToken cancellationToken)
    {
        if (await registry.ThingRegistrationTaskIdsAsync("InProgress", cancellationToken).FirstOrDefaultAsync(cancellationToken) is not { } other)
            return false;
        await NoteAsync($"It waits for AWS IoT's thing registration task {other} to end: AWS runs one at a time.", cancellationToken);
        return true;
    }

    private async ValueTask NoteAsync(string message, CancellationToken cancellationToken) => await Claim.Database.WriteAsync(
        session => session.Execute("UPDATE task SET message = $2 WHERE id = $1", Claim.Id, message), cancellationToken);

    private async ValueTask NoteProgressAsync(DescribeThingRegistrationTaskResponse described, CancellationToken cancellationToken) => await Claim.Database.WriteAsync(
        session =>
        {
            CheckOwner(session);
            return session.Execute(
                "UPDATE task SET success_count = $2, failure_count = $3, modified_at = $4 WHERE id = $1 AND (success_count <> $2 OR failure_count <> $3)",
                Claim.Id, described.SuccessCount ?? 0, described.FailureCount ?? 0, DateTimeOffset.UtcNow);
        },
        cancellationToken);
}
