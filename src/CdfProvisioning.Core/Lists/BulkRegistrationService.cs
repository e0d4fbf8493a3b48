using System.Collections.Concurrent;
using CdfProvisioning.Hierarchies;
using CdfProvisioning.Iot;
using CdfProvisioning.Keys;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.Lists;

/// <summary>Registers lists of devices, in the background of this process; others can watch, stop and, if it dies, resume.</summary>
internal sealed class BulkRegistrationService(ITaskStore store, TemplateCatalog templates, Provisioner provisioner) : IAsyncDisposable
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(200);

    private readonly BulkRunner _runner = new(provisioner, templates);
    private readonly ConcurrentDictionary<string, RunningTask> _running = new();

    /// <summary>Messages that could not be kept, since what they tell of (a full disk) prevented just that.</summary>
    private readonly ConcurrentDictionary<string, string> _unkeptMessages = new();

    /// <summary>Whether this process runs none of its tasks.</summary>
    public bool IsIdle => _running.IsEmpty;

    /// <summary>Begins a list whose rows are then added one by one.</summary>
    /// <exception cref="CdfException">NotFound, InvalidTemplate; InvalidRequest: the template makes keys and no folder for them is named.</exception>
    public async ValueTask<BulkRegistrationDraft> CreateAsync(BulkRegistrationRequest request, CancellationToken cancellationToken) =>
        await CreateAsync(await TaskOfAsync(request, cancellationToken), request.RefusesWhatFailsThroughout, cancellationToken);

    /// <inheritdoc cref="CreateAsync(BulkRegistrationRequest, CancellationToken)"/>
    public ValueTask<BulkRegistrationDraft> CreateAsync(NewTask task, CancellationToken cancellationToken) =>
        CreateAsync(task, refusesWhatFailsThroughout: false, cancellationToken);

    private async ValueTask<BulkRegistrationDraft> CreateAsync(NewTask task, bool refusesWhatFailsThroughout, CancellationToken cancellationToken)
    {
        var rowTemplates = new RowTemplates(task, templates);
        var check = new ListCheck(task, rowTemplates);
        check.CheckKeyDirectory();
        if (refusesWhatFailsThroughout)
            check.RefuseBy(provisioner.CreateCommonCheck());
        string? warning = null;
        if (task is { KeyDirectory: not null, KeyFile: not null })
            throw CdfErrorCode.InvalidRequest.Error("Keys go either to a folder (-KeyDirectory) or to one file (-KeyFile): name one of them.");
        if (task is { KeyRecipient: not null, KeyFile: null })
            throw CdfErrorCode.InvalidRequest.Error("A key recipient (-KeyRecipient) is who may read a key file: name that too (-KeyFile).");
        if (task.KeyFile is { } keyFile)
        {
            var file = KeyFile.Open(keyFile, task.KeyRecipient, store.Registry, _ => new((long?)null));
            (task, warning) = (task with { KeyFile = file.Path }, file.Warning);
        }
        else if (task.KeyDirectory is { } path)
        {
            using var keys = OpenKeys(path);
            (task, warning) = (task with { KeyDirectory = keys.Path }, keys.Warning);
        }

        return new BulkRegistrationDraft(await store.CreateAsync(task, cancellationToken), check, Run) { Warning = warning };
    }

    /// <summary>Finds the columns of a list that PowerShell hands in.</summary>
    /// <param name="request">The list.</param>
    /// <param name="map">The names to use in the place of the list's own.</param>
    /// <param name="others">Columns that are used otherwise.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CdfException">NotFound, InvalidTemplate; InvalidRequest: the map leads to a parameter that nothing uses.</exception>
    public async ValueTask<ListColumns> ColumnsAsync(
        BulkRegistrationRequest request, IReadOnlyDictionary<string, string>? map, IReadOnlyList<string> others, CancellationToken cancellationToken)
    {
        var columns = new RowTemplates(await TaskOfAsync(request, cancellationToken), templates);
        if (columns.Common is { } template && map is not null && new ParameterNames(template, request.CdfParameters, others) is var names)
        {
            foreach (var (column, name) in map)
                if (names.Find(name) is null)
                    throw CdfErrorCode.InvalidRequest.Error($"The map has '{IotNames.Shown(column)}' become '{IotNames.Shown(name)}'. {names.Unused(name, "parameter")}");
        }

        return new(columns, request.CdfParameters, map, others);
    }

    /// <summary>A folder for the keys of this registry's devices, to write to.</summary>
    /// <exception cref="CdfException">Unavailable; InvalidRequest: everybody may write to it.</exception>
    public KeyDirectory OpenKeys(string path, bool waits = false) => KeyDirectory.Open(path, store.Registry, waits);

    /// <summary>The same folder, to look at; it may not exist yet.</summary>
    public KeyDirectory LookAtKeys(string path) => KeyDirectory.At(path, store.Registry);

    /// <summary>The same folder, for a plan: refused as it would be when it is written to.</summary>
    /// <exception cref="CdfException">As from <see cref="OpenKeys"/>.</exception>
    public KeyDirectory PlanKeys(string path) => KeyDirectory.Plan(path, store.Registry);

    /// <summary>Begins a list that is only checked: nothing is registered, and no folder is made.</summary>
    /// <exception cref="CdfException">As from <see cref="CreateAsync(BulkRegistrationRequest, CancellationToken)"/>.</exception>
    public async ValueTask<DryRun> CreateDryRunAsync(BulkRegistrationRequest request, CancellationToken cancellationToken)
    {
        var task = await TaskOfAsync(request, cancellationToken);
        var rowTemplates = new RowTemplates(task, templates);
        var check = new ListCheck(task, rowTemplates);
        check.CheckKeyDirectory();
        if (request.RefusesWhatFailsThroughout)
            check.RefuseBy(provisioner.CreateCommonCheck());
        return new DryRun(task, rowTemplates, check, provisioner.CreatePlanner(), PlanKeys(task));
    }

    /// <summary>What tells the registry of the lists' devices from every other: the path of a file.</summary>
    public string Registry => store.Registry;

    /// <summary>Begins a list that is compared with the registry.</summary>
    /// <param name="request">The list.</param>
    /// <param name="isToBeDone">Whether what differs is to be registered then, so that keys need their places.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CdfException">NotFound, InvalidTemplate.</exception>
    public async ValueTask<ListComparison> CreateComparisonAsync(BulkRegistrationRequest request, bool isToBeDone, CancellationToken cancellationToken)
    {
        var task = await TaskOfAsync(request, cancellationToken);
        var rowTemplates = new RowTemplates(task, templates);
        var check = new ListCheck(task with { IsDesiredState = true }, rowTemplates);
        var keys = PlanKeys(task);
        return new ListComparison(task, rowTemplates, check, provisioner.CreatePlanner(), provisioner.CreateKeptCertificates(), keys, isToBeDone);
    }

    private KeyDirectory? PlanKeys(NewTask task)
    {
        if (task.KeyFile is { } file)
            KeyFile.Check(file, task.KeyRecipient, store.Registry);
        return task.KeyDirectory is { } path ? PlanKeys(path) : null;
    }

    /// <summary>Begins a list of what a comparison has found to be new or changed.</summary>
    /// <exception cref="CdfException">As from <see cref="CreateAsync(BulkRegistrationRequest, CancellationToken)"/>.</exception>
    public async ValueTask<BulkRegistrationDraft> CreateDesiredAsync(BulkRegistrationRequest request, CancellationToken cancellationToken) =>
        await CreateAsync(await TaskOfAsync(request, cancellationToken) with { IsDesiredState = true }, cancellationToken);

    /// <summary>Begins a list of things that get further certificates.</summary>
    /// <exception cref="CdfException">As from <see cref="CreateAsync(BulkRegistrationRequest, CancellationToken)"/>.</exception>
    public async ValueTask<BulkRegistrationDraft> CreateRotationAsync(BulkRegistrationRequest request, CancellationToken cancellationToken) =>
        await CreateAsync(await TaskOfAsync(request, cancellationToken) with { IsRotation = true }, cancellationToken);

    /// <inheritdoc cref="ITaskStore.RotationsAsync"/>
    public IAsyncEnumerable<CertificateRotation> RotationsAsync(CancellationToken cancellationToken) => store.RotationsAsync(cancellationToken);

    /// <inheritdoc cref="ITaskStore.EndRotationAsync"/>
    public ValueTask EndRotationAsync(CertificateRotation rotation, RotationState state, CancellationToken cancellationToken) =>
        store.EndRotationAsync(rotation, state, cancellationToken);

    /// <summary>Ends the tasks of synchronisations that were interrupted: the next one sees to what they have not done.</summary>
    /// <exception cref="CdfException">Conflict: somebody goes on with such a task; Unavailable, as from <see cref="StopAsync"/>.</exception>
    public async ValueTask StopInterruptedSynchronizationsAsync(CancellationToken cancellationToken)
    {
        foreach (var task in await store.ListDesiredAsync(cancellationToken))
        {
            if (task.Status == BulkRegistrationStatus.Interrupted)
                await StopAsync(task.TaskId, cancellationToken);
            else if (task.Status is BulkRegistrationStatus.InProgress or BulkRegistrationStatus.Cancelling)
                throw CdfErrorCode.Conflict.Error(
                    $"Task {task.TaskId} of an earlier synchronisation is being run: wait for it (Wait-CdfBulkRegistration {task.TaskId}), then try again.");
        }
    }

    /// <summary>Receives a whole list (see <see cref="DeviceListReader"/>) and begins to register its devices.</summary>
    public async ValueTask<BulkRegistrationTask> StartAsync(
        BulkRegistrationRequest request, IAsyncEnumerable<IReadOnlyDictionary<string, string>> rows, CancellationToken cancellationToken)
    {
        await using var draft = await CreateAsync(request, cancellationToken);
        await foreach (var row in rows.WithCancellation(cancellationToken))
            await draft.AddAsync(row, cancellationToken);
        return await StartAsync(draft, cancellationToken);
    }

    /// <summary>Ends the list of a draft and begins to register its devices.</summary>
    public async ValueTask<BulkRegistrationTask> StartAsync(BulkRegistrationDraft draft, CancellationToken cancellationToken)
    {
        await draft.StartAsync(cancellationToken);
        return await GetAsync(draft.TaskId, cancellationToken);
    }

    /// <exception cref="CdfException">NotFound.</exception>
    public async ValueTask<BulkRegistrationTask> GetAsync(string taskId, CancellationToken cancellationToken) =>
        WithMessage(await store.GetAsync(taskId, cancellationToken));

    /// <inheritdoc cref="ITaskStore.FindAsync"/>
    public ValueTask<BulkRegistrationTask?> FindAsync(RequestIdentity request, CancellationToken cancellationToken) => store.FindAsync(request, cancellationToken);

    /// <inheritdoc cref="ITaskStore.ListAsync"/>
    public IAsyncEnumerable<BulkRegistrationTask> ListAsync(CancellationToken cancellationToken) => store.ListAsync(cancellationToken).Select(WithMessage);

    /// <summary>Waits until a task is neither in progress nor being cancelled, whichever process runs it; reports about 5 times a second.</summary>
    public async ValueTask<BulkRegistrationTask> WaitAsync(string taskId, IProgress<BulkRegistrationTask>? progress, CancellationToken cancellationToken)
    {
        while (true)
        {
            var end = _running.TryGetValue(taskId, out var running) ? running.End : Task.Delay(Timeout.Infinite, cancellationToken);
            var task = await GetAsync(taskId, cancellationToken);
            progress?.Report(task);
            if (task.Status is not (BulkRegistrationStatus.InProgress or BulkRegistrationStatus.Cancelling))
                return task;
            await Task.WhenAny(end, Task.Delay(ReportInterval, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Forgets a task that is over, and its results; one that was interrupted is stopped first.</summary>
    /// <exception cref="CdfException">NotFound; Conflict: it is being run; Unavailable, as from <see cref="StopAsync"/>.</exception>
    public async ValueTask RemoveAsync(string taskId, CancellationToken cancellationToken)
    {
        if ((await GetAsync(taskId, cancellationToken)).Status == BulkRegistrationStatus.Interrupted)
            await StopAsync(taskId, cancellationToken);
        await store.RemoveAsync(taskId, cancellationToken);
    }

    /// <summary>Ends a task for good, whichever process runs it. What rows under way had left is settled first: registered to the end, or gone.</summary>
    /// <exception cref="CdfException">NotFound; Conflict: it is over already; Unavailable: rows were under way, and what became of them cannot be found out.</exception>
    public async ValueTask<BulkRegistrationTask> StopAsync(string taskId, CancellationToken cancellationToken)
    {
        if (await store.StopAsync(taskId, cancellationToken) is var task && task.Status != BulkRegistrationStatus.Interrupted)
            return task;
        Run(await store.ClaimAsync(taskId, cancellationToken));
        task = await WaitAsync(taskId, progress: null, cancellationToken);
        return task.Status != BulkRegistrationStatus.Interrupted ? task : throw CdfErrorCode.Unavailable.Error(
            $"Task {taskId} registers no more rows, but of those that were under way it is not known yet what became: {task.Message}");
    }

    /// <summary>Stops running a task of this process, so that it can be resumed later (Ctrl+C); of no effect on any other.</summary>
    public async ValueTask<BulkRegistrationTask> InterruptAsync(string taskId, CancellationToken cancellationToken)
    {
        if (_running.TryGetValue(taskId, out var running))
            await running.InterruptAsync();
        return await GetAsync(taskId, cancellationToken);
    }

    /// <summary>Goes on with an interrupted task, in this process.</summary>
    /// <exception cref="CdfException">NotFound; Conflict: it is being run, or over.</exception>
    public async ValueTask<BulkRegistrationTask> ResumeAsync(string taskId, CancellationToken cancellationToken)
    {
        Run(await store.ClaimAsync(taskId, cancellationToken));
        return await GetAsync(taskId, cancellationToken);
    }

    /// <summary>Goes on with the interrupted tasks that clients of a server have begun, who wait for their end. What cannot be resumed stays as it is.</summary>
    public async ValueTask ResumeOfServersAsync(CancellationToken cancellationToken)
    {
        await foreach (var task in store.ListAsync(cancellationToken))
            if (task.Status == BulkRegistrationStatus.Interrupted && (await store.GetPlanAsync(task.TaskId, cancellationToken)).IsOfServer)
                try
                {
                    Run(await store.ClaimAsync(task.TaskId, cancellationToken));
                }
                catch (CdfException e) when (e.Code is CdfErrorCode.Conflict or CdfErrorCode.NotFound)
                {
                    // Another has been quicker.
                }
    }

    /// <summary>The results that there are when it is called, in the order of the rows, streamed.</summary>
    /// <exception cref="CdfException">NotFound.</exception>
    public IAsyncEnumerable<BulkRegistrationResult> ResultsAsync(string taskId, bool failedOnly, CancellationToken cancellationToken) =>
        store.ResultsAsync(taskId, failedOnly, cancellationToken);

    /// <summary>Interrupts the tasks that this process runs.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_running.Values.Select(running => running.InterruptAsync()));

    private async ValueTask<NewTask> TaskOfAsync(BulkRegistrationRequest request, CancellationToken cancellationToken)
    {
        var body = request.TemplateId is null ? null : (await templates.GetAsync(request.TemplateId, groupPath: null, cancellationToken)).Body;
        return new NewTask(request.TemplateId, body, request.KeyDirectory, request.CdfParameters) { KeyFile = request.KeyFile, KeyRecipient = request.KeyRecipient, IsIssuance = request.IsIssuance };
    }

    private BulkRegistrationTask WithMessage(BulkRegistrationTask task) => task is { Status: BulkRegistrationStatus.Interrupted, Message: null }
        ? task with { Message = _unkeptMessages.GetValueOrDefault(task.TaskId) }
        : task;

    private void Run(ITaskRun run)
    {
        _unkeptMessages.TryRemove(run.TaskId, out _);
        var running = new RunningTask();
        _running[run.TaskId] = running;
        running.Start(token => RunAsync(run, token));
    }

    private async Task RunAsync(ITaskRun run, CancellationToken cancellationToken)
    {
        if (await _runner.RunAsync(run, cancellationToken) is { } message)
            _unkeptMessages[run.TaskId] = message;
        _running.TryRemove(run.TaskId, out _);
    }
}
