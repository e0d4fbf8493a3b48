using System.Runtime.CompilerServices;
using Amazon.S3;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;
using CdfProvisioning.Storage.Journal;
using CdfProvisioning.Storage.Sqlite;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Aws.Tasks;

/// <summary>
/// Lists on AWS. One whose template has no CDF section is AWS's own work, if there is a bucket for it; any other is done here,
/// row by row. Both are journalled on this computer; what AWS runs can be followed from any.
/// </summary>
internal sealed class AwsTaskStore : ITaskStore
{
    private readonly IDeviceRegistry _registry;
    private readonly IAmazonS3 _s3;
    private readonly AwsBackendOptions _options;
    private readonly JournaledTaskStore _journal;

    /// <param name="database">The journal.</param>
    /// <param name="registry">AWS IoT.</param>
    /// <param name="listRegistry">AWS IoT, called no faster than lists may.</param>
    /// <param name="s3">S3.</param>
    /// <param name="options">Where AWS finds the lists that it is to run.</param>
    public AwsTaskStore(Database database, IDeviceRegistry registry, IDeviceRegistry listRegistry, IAmazonS3 s3, AwsBackendOptions options)
    {
        _registry = registry;
        _s3 = s3;
        _options = options;
        var rowsAtOnce = Math.Max(8, options.RequestsPerSecond);
        _journal = new JournaledTaskStore(database, claim => claim.Plan.Source is null
            ? new AwsTaskRun(claim, listRegistry, rowsAtOnce)
            : new ThingRegistrationRun(claim, registry, s3, options.PollInterval));
    }

    public string Registry => _journal.Registry;

    /// <exception cref="CdfException">InvalidRequest: a key recipient, though a key has to be on the disk before AWS has its certificate.</exception>
    public ValueTask<ITaskRun> CreateAsync(NewTask task, CancellationToken cancellationToken) => task.KeyRecipient is null || task.IsIssuance
        ? _journal.CreateAsync(task with { Source = SourceFor(task) }, cancellationToken)
        : throw CdfErrorCode.InvalidRequest.Error("On AWS a key is on this disk, in the clear, from before its certificate is registered until its row is done, so a key file cannot be for its recipient alone: leave -KeyRecipient out, or register with CSRs, whose keys are made elsewhere.");

    public ValueTask<ITaskRun> ClaimAsync(string taskId, CancellationToken cancellationToken) => _journal.ClaimAsync(taskId, cancellationToken);

    public async ValueTask<BulkRegistrationTask> GetAsync(string taskId, CancellationToken cancellationToken)
    {
        try
        {
            return await MergeAsync(await _journal.GetAsync(taskId, cancellationToken), cancellationToken);
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.NotFound)
        {
            return ThingRegistrations.Foreign(await _registry.InvokeAsync(new DescribeThingRegistrationTaskRequest(taskId), cancellationToken));
        }
    }

    public async ValueTask<BulkRegistrationTask?> FindAsync(RequestIdentity request, CancellationToken cancellationToken) =>
        await _journal.FindAsync(request, cancellationToken) is { } task ? await MergeAsync(task, cancellationToken) : null;

    public ValueTask<NewTask> GetPlanAsync(string taskId, CancellationToken cancellationToken) => _journal.GetPlanAsync(taskId, cancellationToken);

    /// <summary>Those of this computer, also while AWS does not answer, and then those that AWS runs for others.</summary>
    public async IAsyncEnumerable<BulkRegistrationTask> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var known = new HashSet<string>();
        await foreach (var task in _journal.ListAsync(cancellationToken))
        {
            if (await AwsTaskIdAsync(task.TaskId, cancellationToken) is { } id)
                known.Add(id);
            yield return await MergeAsync(task, cancellationToken);
        }
        await foreach (var id in _registry.ThingRegistrationTaskIdsAsync(status: null, cancellationToken))
            if (!known.Contains(id))
                yield return ThingRegistrations.Foreign(await _registry.InvokeAsync(new DescribeThingRegistrationTaskRequest(id), cancellationToken));
    }

    public ValueTask<IReadOnlyList<BulkRegistrationTask>> ListDesiredAsync(CancellationToken cancellationToken) => _journal.ListDesiredAsync(cancellationToken);

    public IAsyncEnumerable<CertificateRotation> RotationsAsync(CancellationToken cancellationToken) => _journal.RotationsAsync(cancellationToken);

    public ValueTask EndRotationAsync(CertificateRotation rotation, RotationState state, CancellationToken cancellationToken) =>
        _journal.EndRotationAsync(rotation, state, cancellationToken);

    public async ValueTask<BulkRegistrationTask> StopAsync(string taskId, CancellationToken cancellationToken)
    {
        var task = await GetAsync(taskId, cancellationToken);
        if (task.Status is not (BulkRegistrationStatus.InProgress or BulkRegistrationStatus.Cancelling or BulkRegistrationStatus.Interrupted))
            throw CdfErrorCode.Conflict.Error($"Task {taskId} is {task.Status}: there is nothing to stop.");
        if (await FindAwsTaskIdAsync(taskId, cancellationToken) is not { } awsTaskId)
            return await _journal.StopAsync(taskId, cancellationToken);
        await _registry.InvokeAsync(new StopThingRegistrationTaskRequest(awsTaskId), cancellationToken);
        return await GetAsync(taskId, cancellationToken);
    }

    /// <summary>Of what AWS runs for us, AWS's own record stays: it cannot be deleted.</summary>
    public ValueTask RemoveAsync(string taskId, CancellationToken cancellationToken) => _journal.RemoveAsync(taskId, cancellationToken);

    public async IAsyncEnumerable<BulkRegistrationResult> ResultsAsync(
        string taskId, bool failedOnly, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var results = await FindAwsTaskIdAsync(taskId, cancellationToken) is { } awsTaskId
            ? ThingRegistrationReports.ReadAsync(_registry, _s3, awsTaskId, taskId, failedOnly, cancellationToken)
            : _journal.ResultsAsync(taskId, failedOnly, cancellationToken);
        await foreach (var result in results)
            yield return result;
    }

    /// <summary>Where the list goes that AWS is to run; null if it is to be run here.</summary>
    private ThingRegistrationSource? SourceFor(NewTask task) =>
        task is { IsDesiredState: false, IsRotation: false } && _options is { BulkBucket: { } bucket, BulkRoleArn: { } role } && task.TemplateBody is { } body && !ProvisioningTemplate.Compile(body).Cdf.Any
            ? new ThingRegistrationSource(bucket, $"{_options.Provisioning.BulkRequestPrefix}{DateTimeOffset.UtcNow:yyyyMMdd'T'HHmmss'Z'}-{Guid.NewGuid():N}.jsonl", role)
            : null;

    /// <summary>AWS goes on with a task whose owner here is gone; an owner that lives keeps the journal up to date.</summary>
    private async ValueTask<BulkRegistrationTask> MergeAsync(BulkRegistrationTask task, CancellationToken cancellationToken) =>
        task.Status == BulkRegistrationStatus.Interrupted && await AwsTaskIdAsync(task.TaskId, cancellationToken) is { } id
            ? ThingRegistrations.Merge(task, await _registry.InvokeAsync(new DescribeThingRegistrationTaskRequest(id), cancellationToken))
            : task;

    private async ValueTask<string?> AwsTaskIdAsync(string taskId, CancellationToken cancellationToken) =>
        (await _journal.GetPlanAsync(taskId, cancellationToken)).Source?.TaskId;

    /// <summary>AWS's id of a task that AWS runs, whether or not this computer knows it; null if it runs here. Of a task that it does not know, AWS's reports say only that the request is invalid.</summary>
    /// <exception cref="CdfException">NotFound.</exception>
    private async ValueTask<string?> FindAwsTaskIdAsync(string taskId, CancellationToken cancellationToken)
    {
        try
        {
            return await AwsTaskIdAsync(taskId, cancellationToken);
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.NotFound)
        {
            await _registry.InvokeAsync(new DescribeThingRegistrationTaskRequest(taskId), cancellationToken);
            return taskId;
        }
    }
}
