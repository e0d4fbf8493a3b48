using CdfProvisioning.Embedded.Buckets;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Embedded.Tasks;

/// <summary>
/// AWS IoT's thing registration tasks, over the same lists and the same engine as our own. Buckets are folders:
/// <c>buckets/&lt;bucket&gt;/&lt;key&gt;</c> beside the registry; reports are files in one of them, and their links file URLs.
/// </summary>
/// <param name="lists">The engine.</param>
/// <param name="store">Where the tasks are kept.</param>
/// <param name="folder">The registry's folder.</param>
/// <param name="arnPrefix">What the registry's ARNs begin with: <c>arn:aws:iot:&lt;region&gt;:&lt;account&gt;</c>.</param>
/// <param name="runsOneAtATime">Whether a task is refused while another is in progress.</param>
internal sealed class ThingRegistrationTasks(BulkRegistrationService lists, ITaskStore store, string folder, string arnPrefix, bool runsOneAtATime = false)
{
    private const int DefaultPage = 100;

    /// <summary>The answer to a request that is about such tasks; null to any other.</summary>
    public Task<object>? AnswerAsync(object request, CancellationToken cancellationToken) => request switch
    {
        StartThingRegistrationTaskRequest start => AsObjectAsync(StartAsync(start, cancellationToken)),
        DescribeThingRegistrationTaskRequest describe => AsObjectAsync(DescribeAsync(describe, cancellationToken)),
        ListThingRegistrationTasksRequest list => AsObjectAsync(ListAsync(list, cancellationToken)),
        ListThingRegistrationTaskReportsRequest list => AsObjectAsync(ListReportsAsync(list, cancellationToken)),
        StopThingRegistrationTaskRequest stop => AsObjectAsync(StopAsync(stop, cancellationToken)),
        _ => null,
    };

    /// <summary>
    /// The whole list is read before this returns. A line that cannot be read, or used, is one of the task's ERRORS; a file that has no
    /// line that can be read, or lacks what the template needs in each, ends the task as failed.
    /// </summary>
    public async ValueTask<StartThingRegistrationTaskResponse> StartAsync(StartThingRegistrationTaskRequest request, CancellationToken cancellationToken)
    {
        await CheckNoneRunsAsync(cancellationToken);
        var source = new ThingRegistrationSource(request.InputFileBucket, request.InputFileKey, request.RoleArn);
        await using var draft = await lists.CreateAsync(new NewTask(null, request.TemplateBody, Source: source, IsOfServer: true), cancellationToken);
        await using var input = OpenInput(source);
        var name = $"s3://{source.InputFileBucket}/{source.InputFileKey}";
        var problem = await ReceiveAsync(draft, ProvisioningTemplate.Compile(request.TemplateBody), input, name, cancellationToken);
        await CheckNoneRunsAsync(cancellationToken);
        try
        {
            if (problem is null)
                await draft.StartAsync(cancellationToken);
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.InvalidRequest)
        {
            problem = e.Message;
        }

        if (problem is not null)
            await draft.FailAsync(problem, cancellationToken);
        return new(draft.TaskId);
    }

    /// <returns>What is wrong with the list as a whole.</returns>
    private static async ValueTask<string?> ReceiveAsync(
        BulkRegistrationDraft draft, ProvisioningTemplate template, Stream input, string name, CancellationToken cancellationToken)
    {
        var rows = new DeviceListReader(new() { KeepsMalformedLines = true }).ReadAsync(input, name, DeviceListFormat.JsonLines, cancellationToken);
        string? firstProblem = null;
        var hasRow = false;
        await using var reader = rows.GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await reader.MoveNextAsync())
                    return hasRow || firstProblem is null ? null : $"The list has not one JSON object a line: {firstProblem}";
                var row = reader.Current;
                var malformed = GivenParameters.ProblemOf(row);
                firstProblem ??= malformed;
                hasRow |= malformed is null;
                await draft.AddAsync(Usable(row, template), cancellationToken);
            }
            catch (CdfException e) when (e.Code == CdfErrorCode.InvalidRequest)
            {
                return e.Message;
            }
        }
    }

    /// <summary>The row; if it has a value that no parameter can have, one that only says so.</summary>
    private static IReadOnlyDictionary<string, string> Usable(IReadOnlyDictionary<string, string> row, ProvisioningTemplate template)
    {
        try
        {
            DeviceParameters.CheckUsable(template, row, common: null);
            return row;
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.InvalidRequest)
        {
            return new GivenParameters { Problem = e.Message };
        }
    }

    public async ValueTask<DescribeThingRegistrationTaskResponse> DescribeAsync(DescribeThingRegistrationTaskRequest request, CancellationToken cancellationToken)
    {
        var task = await lists.GetAsync(request.TaskId, cancellationToken);
        var plan = await store.GetPlanAsync(request.TaskId, cancellationToken);
        return new(
            task.TaskId, task.CreationDate, task.LastModifiedDate, plan.TemplateBody,
            plan.Source?.InputFileBucket, plan.Source?.InputFileKey, plan.Source?.RoleArn, StatusOf(task), task.Message is null ? null : PublicText.Of(task.Message),
            (int)task.SuccessCount, (int)task.FailureCount, task.PercentageProgress);
    }

    /// <summary>A token is the id of the last task of the page before, so that tasks whose status changes meanwhile shift no others.</summary>
    public async ValueTask<ListThingRegistrationTasksResponse> ListAsync(ListThingRegistrationTasksRequest request, CancellationToken cancellationToken)
    {
        var size = request.MaxResults ?? DefaultPage;
        var tasks = await lists.ListAsync(cancellationToken).ToListAsync(cancellationToken);
        if (request.NextToken is { } token && tasks.TrueForAll(task => task.TaskId != token))
            throw IotErrorType.InvalidRequest.Error($"'{IotNames.Shown(token)}' is not a nextToken of this listing.");
        var rest = request.NextToken is null ? tasks.AsEnumerable() : tasks.SkipWhile(task => task.TaskId != request.NextToken).Skip(1);
        var page = rest.Where(task => request.Status is null || request.Status == StatusOf(task)).Select(task => task.TaskId).Take(size + 1).ToList();
        return new([.. page.Take(size)], page.Count > size ? page[size - 1] : null);
    }

    /// <summary>Links are given once the task is over; the reports are written when they are first asked for.</summary>
    public async ValueTask<ListThingRegistrationTaskReportsResponse> ListReportsAsync(
        ListThingRegistrationTaskReportsRequest request, CancellationToken cancellationToken)
    {
        BulkRegistrationTask task;
        try
        {
            task = await lists.GetAsync(request.TaskId, cancellationToken);
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.NotFound)
        {
            // The operation has no ResourceNotFoundException (AWS IoT API Reference, ListThingRegistrationTaskReports).
            throw IotErrorType.InvalidRequest.Error(e.Message, e);
        }

        if (task.Status is not (BulkRegistrationStatus.Completed or BulkRegistrationStatus.Cancelled))
            return new([], request.ReportType, null);
        var plan = await store.GetPlanAsync(request.TaskId, cancellationToken);
        var results = lists.ResultsAsync(request.TaskId, failedOnly: request.ReportType == "ERRORS", cancellationToken);
        var path = await new TaskReport(folder, arnPrefix, plan.TemplateBody).WriteAsync(task.TaskId, request.ReportType, results, cancellationToken);
        return new([new Uri(path).AbsoluteUri], request.ReportType, null);
    }

    public async ValueTask<StopThingRegistrationTaskResponse> StopAsync(StopThingRegistrationTaskRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await lists.StopAsync(request.TaskId, cancellationToken);
            return new();
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.Conflict)
        {
            // What AWS says of a task that is over is not documented; it documents no conflict.
            throw IotErrorType.InvalidRequest.Error(e.Message, e);
        }
    }

    /// <summary>AWS knows no interrupted tasks, and a client of AWS's that waits for one would wait for ever.</summary>
    private static string StatusOf(BulkRegistrationTask task) =>
        (task.Status == BulkRegistrationStatus.Interrupted ? BulkRegistrationStatus.Failed : task.Status).ToString();

    /// <summary>AWS IoT Core quotas: one running task an account. With which error AWS says so is not documented.</summary>
    private async ValueTask CheckNoneRunsAsync(CancellationToken cancellationToken)
    {
        if (runsOneAtATime && await lists.ListAsync(cancellationToken).FirstOrDefaultAsync(
            task => task.Status is BulkRegistrationStatus.InProgress or BulkRegistrationStatus.Cancelling, cancellationToken) is { } running)
            throw IotErrorType.InvalidRequest.Error($"Task {running.TaskId} is {running.Status}, and only one may be: wait for its end, or stop it.");
    }

    private FileStream OpenInput(ThingRegistrationSource source)
    {
        try
        {
            return new BucketStore(new(folder, EmbeddedBackend.BucketsFolder)).Get(source.InputFileBucket).OpenContent(source.InputFileKey);
        }
        catch (CdfException e) when (e.Code != CdfErrorCode.Unavailable)
        {
            throw IotErrorType.InvalidRequest.Error($"There is no readable list: {e.Message}", e);
        }
    }

    private static async Task<object> AsObjectAsync<T>(ValueTask<T> answer)
        where T : notnull => await answer;
}
