namespace CdfProvisioning.Bulk;

/// <summary>Registers lists of devices, in the background of this process; others can watch, stop and, if it dies, resume.</summary>
internal sealed class BulkRegistrationService : IAsyncDisposable
{
    /// <summary>Begins a list whose rows are then added one by one.</summary>
    /// <exception cref="CdfException">NotFound, InvalidTemplate; InvalidRequest: the template makes keys and no folder for them is named.</exception>
    public ValueTask<BulkRegistrationDraft> CreateAsync(BulkRegistrationRequest request, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Receives a whole list (see <see cref="DeviceListReader"/>) and begins to register its devices.</summary>
    public ValueTask<BulkRegistrationTask> StartAsync(
        BulkRegistrationRequest request, IAsyncEnumerable<IReadOnlyDictionary<string, string>> rows, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <exception cref="CdfException">NotFound.</exception>
    public ValueTask<BulkRegistrationTask> GetAsync(string taskId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>All tasks, oldest first.</summary>
    public ValueTask<IReadOnlyList<BulkRegistrationTask>> ListAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Waits until a task is neither in progress nor being cancelled, whichever process runs it; reports about 5 times a second.</summary>
    public ValueTask<BulkRegistrationTask> WaitAsync(string taskId, IProgress<BulkRegistrationTask>? progress, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Ends a task for good, whichever process runs it.</summary>
    /// <exception cref="CdfException">NotFound; Conflict: it is over already.</exception>
    public ValueTask<BulkRegistrationTask> StopAsync(string taskId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Stops running a task of this process, so that it can be resumed later (Ctrl+C); of no effect on any other.</summary>
    public ValueTask<BulkRegistrationTask> InterruptAsync(string taskId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Goes on with an interrupted task, in this process.</summary>
    /// <exception cref="CdfException">NotFound; Conflict: it is being run, or over.</exception>
    public ValueTask<BulkRegistrationTask> ResumeAsync(string taskId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The results that there are when it is called, in the order of the rows, streamed.</summary>
    public IAsyncEnumerable<BulkRegistrationResult> ResultsAsync(string taskId, bool failedOnly, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Interrupts the tasks that this process runs.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
