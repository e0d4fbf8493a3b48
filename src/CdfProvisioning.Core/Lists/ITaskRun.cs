namespace CdfProvisioning.Lists;

/// <summary>A task in the hands of its one owner, until disposed. Results are a prefix of the rows: that is where a resumed run goes on.</summary>
internal interface ITaskRun : IAsyncDisposable
{
    string TaskId { get; }

    NewTask Plan { get; }

    /// <summary>What tells the registry of its devices from every other.</summary>
    string Registry { get; }

    /// <summary>The folder in which each key has its place until its row has a result; null if the keys go to a file within the transaction of the rows, or nowhere.</summary>
    string? KeyFolder { get; }

    /// <summary>Settles what an interrupted run has left in the task's key file.</summary>
    /// <exception cref="CdfException">The file cannot be used.</exception>
    ValueTask RecoverKeyFileAsync(CancellationToken cancellationToken);

    /// <summary>Adds rows to the input.</summary>
    ValueTask AppendAsync(IReadOnlyList<IReadOnlyDictionary<string, string>> rows, CancellationToken cancellationToken);

    /// <summary>Notes which request has begun the task.</summary>
    ValueTask IdentifyAsync(RequestIdentity request, CancellationToken cancellationToken);

    /// <summary>Ends the input: from now on the task is seen, and survives its owner.</summary>
    ValueTask SealAsync(CancellationToken cancellationToken);

    /// <summary>The rows without a result, in pieces as they were appended.</summary>
    IAsyncEnumerable<IReadOnlyList<DeviceRow>> RowsAsync(CancellationToken cancellationToken);

    /// <summary>The rows that were registered last, of an interrupted run.</summary>
    ValueTask<IReadOnlyList<(long Row, string? ThingName)>> LastRegisteredAsync(int count, CancellationToken cancellationToken);

    /// <summary>
    /// Registers the rows that come next, and keeps their results and the task's counts together. It may return before that
    /// is done, but no sooner than it can take more.
    /// </summary>
    /// <param name="rows">The rows, which it owns from now on.</param>
    /// <param name="cancellationToken">Lets the rows go that were not begun yet.</param>
    /// <returns>The task as it is then; <see cref="BulkRegistrationStatus.Cancelling"/> if it has been told to stop and takes no more rows.</returns>
    /// <exception cref="CdfException">The registry is out of order, or the task has another owner.</exception>
    ValueTask<BulkRegistrationTask> ApplyAsync(IReadOnlyList<PreparedRow> rows, CancellationToken cancellationToken);

    /// <summary>Waits until all rows have their results, and returns the task as it is then.</summary>
    /// <exception cref="CdfException">As from <see cref="ApplyAsync"/>.</exception>
    ValueTask<BulkRegistrationTask> FlushAsync(CancellationToken cancellationToken);

    /// <summary>Waits for what is under way, however that ends; no more rows come.</summary>
    ValueTask DrainAsync();

    /// <summary>Ends the run as completed, failed, cancelled or (to be resumed) interrupted.</summary>
    ValueTask EndAsync(BulkRegistrationStatus status, string? message, CancellationToken cancellationToken);
}
