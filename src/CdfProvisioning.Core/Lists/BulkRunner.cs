using System.Diagnostics;
using System.Threading.Channels;
using CdfProvisioning.Hierarchies;
using CdfProvisioning.Keys;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Lists;

/// <summary>
/// Runs a task: pieces of the list are prepared in parallel and applied in the order of the rows, so that the same list
/// always ends the same way.
/// </summary>
internal sealed class BulkRunner(Provisioner provisioner, TemplateCatalog catalog)
{
    /// <summary>How many rows are prepared together; more gain little.</summary>
    private const int ChunkRows = 64;

    /// <summary>
    /// How many rows are applied together, unless they are slow to come: results are to be seen soon, and rows that wait are what a garbage
    /// collection copies (512 of them cost a list with keys a tenth of its time).
    /// </summary>
    private const int RowsAppliedTogether = 256;

    /// <summary>How many chunks may be prepared ahead.</summary>
    private const int MaxChunksAhead = 32;

    /// <summary>More rows than are ever under way, in whichever process: where what a killed one has left is looked for.</summary>
    private const int MaxRowsUnderWay = 8_192;

    /// <summary>More rows than are ever registered whose keys have not been kept for good yet.</summary>
    private const int MaxRowsUnkept = 2_048;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(50);

    /// <summary>Runs a task to its end, and notes how it ended. Cancelling it interrupts it.</summary>
    /// <returns>Why it did not end well, if that could not be noted.</returns>
    public async Task<string?> RunAsync(ITaskRun run, CancellationToken cancellationToken)
    {
        using var meter = ProvisioningMetrics.BeginList();
        KeyDirectory? keys = null;
        try
        {
            var (status, message) = await RunAsync(run, meter, () => keys = run.KeyFolder is { } path ? KeyDirectory.Open(path, run.Registry) : null, cancellationToken);
            await run.DrainAsync();
            keys?.Dispose(); // before another may go on with the task, to whom places that were not kept are free then
            try
            {
                await run.EndAsync(status, message, CancellationToken.None);
                return null;
            }
            catch (CdfException e)
            {
                return message ?? e.Message;
            }
        }
        finally
        {
            await run.DisposeAsync();
            keys?.Dispose();
        }
    }

    private async Task<(BulkRegistrationStatus Status, string? Message)> RunAsync(
        ITaskRun run, ProvisioningMetrics.RunningList meter, Func<KeyDirectory?> openKeys, CancellationToken cancellationToken)
    {
        try
        {
            var keys = openKeys();
            await run.RecoverKeyFileAsync(cancellationToken);
            if (keys is not null)
                foreach (var (row, thingName) in await run.LastRegisteredAsync(MaxRowsUnkept, cancellationToken))
                    await provisioner.SettleKeyAsync(keys, PreparedRow.NameOfKey(thingName, row), cancellationToken);
            var isStopped = !await RegisterAsync(run, meter, keys, cancellationToken);
            var task = await run.FlushAsync(cancellationToken);
            isStopped = isStopped || task.Status == BulkRegistrationStatus.Cancelled || IsStopping(task);
            if (keys is not null && isStopped)
                await RemoveLeftKeysAsync(run, keys, task.SuccessCount + task.FailureCount, cancellationToken);
            return isStopped ? (BulkRegistrationStatus.Cancelled, null)
                : task.Status == BulkRegistrationStatus.Failed ? (BulkRegistrationStatus.Failed, task.Message)
                : (BulkRegistrationStatus.Completed, null);
        }
        catch (OperationCanceledException)
        {
            return (BulkRegistrationStatus.Interrupted, $"It was interrupted. {HowToResume(run.TaskId)}");
        }
#pragma warning disable CA1031 // Nobody awaits a task that runs in the background: its message says what happened, whatever it was.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return (BulkRegistrationStatus.Interrupted, $"{e.Message} {HowToResume(run.TaskId)}");
        }
    }

    /// <summary>The end of the message of an interrupted task; other surfaces than PowerShell have other words for it.</summary>
    public static string HowToResume(string taskId) => $"Resume-CdfBulkRegistration -TaskId {taskId} goes on with it.";

    /// <summary>Whether the task has been told to stop, and there is something left to stop.</summary>
    private static bool IsStopping(BulkRegistrationTask task) => task.Status == BulkRegistrationStatus.Cancelling && Waiting(task) > 0;

    private static long Waiting(BulkRegistrationTask task) => task.RowCount - task.SuccessCount - task.FailureCount;

    /// <returns>False if the task was told to stop; of the last rows that may only be known when they have their results.</returns>
    private async Task<bool> RegisterAsync(ITaskRun run, ProvisioningMetrics.RunningList meter, KeyDirectory? keys, CancellationToken cancellationToken)
    {
        using var abandon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var prepared = Channel.CreateBounded<Task<PreparedRow[]>>(Math.Min(2 * Environment.ProcessorCount, MaxChunksAhead));
        var preparing = PrepareAsync(run, keys, prepared.Writer, abandon.Token);
        var ready = new List<PreparedRow>(RowsAppliedTogether);
        var applying = Task.FromResult(false);
        var lastApplied = Stopwatch.GetTimestamp();
        try
        {
            await foreach (var chunk in prepared.Reader.ReadAllAsync(cancellationToken))
            {
                ready.AddRange(await chunk);
                if (ready.Count < RowsAppliedTogether && Stopwatch.GetElapsedTime(lastApplied) < LongestWait)
                    continue;
                if (await applying)
                    return false;
                applying = ApplyAsync(run, meter, ready, cancellationToken);
                ready = new(RowsAppliedTogether);
                lastApplied = Stopwatch.GetTimestamp();
            }
            await preparing;
            if (await applying)
                return false;
            applying = ready.Count == 0 ? applying : ApplyAsync(run, meter, ready, cancellationToken);
            ready = [];
            return !await applying;
        }
        finally
        {
            await abandon.CancelAsync();
            await Task.WhenAll(preparing, applying).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ready.ForEach(row => row.Discard());
            while (prepared.Reader.TryRead(out var chunk))
                await DiscardAsync(chunk);
        }
    }

    /// <returns>Whether no more rows are wanted.</returns>
    private static async Task<bool> ApplyAsync(
        ITaskRun run, ProvisioningMetrics.RunningList meter, List<PreparedRow> rows, CancellationToken cancellationToken)
    {
        var task = await run.ApplyAsync(rows, cancellationToken);
        meter.SetWaiting(Waiting(task));
        return IsStopping(task);
    }

    /// <summary>Removes the keys of rows that will never be registered.</summary>
    private async Task RemoveLeftKeysAsync(ITaskRun run, KeyDirectory keys, long done, CancellationToken cancellationToken)
    {
        var templates = new RowTemplates(run.Plan, catalog);
        await foreach (var rows in run.RowsAsync(cancellationToken))
            foreach (var row in rows.Where(row => row.Number > done))
            {
                if (row.Number > done + MaxRowsUnderWay)
                    return;
                if (await FindTemplateAsync(templates, row) is { } template)
                    await provisioner.SettleKeyAsync(keys, PreparedRow.NameOfKey(template.FindThingName(row.Parameters), row.Number), cancellationToken);
            }
    }

    private static async ValueTask<ProvisioningTemplate?> FindTemplateAsync(RowTemplates templates, DeviceRow row)
    {
        try
        {
            return await templates.OfAsync(row.Parameters);
        }
        catch (CdfException e) when (e.IsOfTheRow)
        {
            return null;
        }
    }

    private async Task PrepareAsync(ITaskRun run, KeyDirectory? keys, ChannelWriter<Task<PreparedRow[]>> prepared, CancellationToken cancellationToken)
    {
        try
        {
            var templates = new RowTemplates(run.Plan, catalog);
            await foreach (var rows in run.RowsAsync(cancellationToken))
                foreach (var chunk in rows.Chunk(ChunkRows))
                {
                    await prepared.WaitToWriteAsync(cancellationToken);
                    await prepared.WriteAsync(Task.Run(() => PrepareAsync(run.Plan, templates, keys, chunk, cancellationToken), CancellationToken.None), CancellationToken.None);
                }
            prepared.Complete();
        }
        catch (Exception e)
        {
            prepared.Complete(e);
            throw;
        }
    }

    private async Task<PreparedRow[]> PrepareAsync(
        NewTask plan, RowTemplates templates, KeyDirectory? keys, DeviceRow[] rows, CancellationToken cancellationToken)
    {
        var prepared = new List<PreparedRow>(rows.Length);
        try
        {
            foreach (var row in rows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                prepared.Add(await PrepareAsync(plan, templates, keys, row, cancellationToken));
            }
            return [.. prepared];
        }
        catch
        {
            foreach (var row in prepared)
                row.Discard();
            throw;
        }
    }

    private async ValueTask<PreparedRow> PrepareAsync(
        NewTask plan, RowTemplates templates, KeyDirectory? keys, DeviceRow row, CancellationToken cancellationToken)
    {
        ProvisioningTemplate? template = null;
        try
        {
            if (GivenParameters.ProblemOf(row.Parameters) is { } problem)
                throw CdfErrorCode.InvalidRequest.Error(problem);
            template = await templates.OfAsync(row.Parameters);
            var provisioning = await provisioner.PrepareAsync(template, row.Parameters, plan.CdfParameters, cancellationToken);
            if (!plan.KeepsKeys && provisioning.MakesKey)
                throw Planner.NoPlaceForKey();
            return new(row, provisioning, keys, hasLine: plan.KeyFile is not null, plan.IsIssuance ? NameOfIssued(row) : null);
        }
        catch (CdfException e) when (e.IsOfTheRow)
        {
            return new(row, plan.IsIssuance ? NameOfIssued(row) : template?.FindThingName(row.Parameters), e);
        }
    }

    /// <summary>What a device is called of which there is a certificate alone: its common name, where that is its own and can be a thing's.</summary>
    private static string? NameOfIssued(DeviceRow row) =>
        row.Parameters.TryGetValue(RowTemplates.CommonNameColumn, out var name) && KeyDirectory.IsName(name) ? name : null;

    private static async ValueTask DiscardAsync(Task<PreparedRow[]> chunk)
    {
        await ((Task)chunk).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (chunk.IsCompletedSuccessfully)
            foreach (var row in chunk.Result)
                row.Discard();
    }
}
