namespace CdfProvisioning.Lists;

/// <summary>Where tasks, their input and their results are kept.</summary>
internal interface ITaskStore
{
    /// <summary>What tells the registry of its tasks' devices from every other.</summary>
    string Registry { get; }

    /// <summary>Creates a task that nobody sees before <see cref="ITaskRun.SealAsync"/>.</summary>
    ValueTask<ITaskRun> CreateAsync(NewTask task, CancellationToken cancellationToken);

    /// <summary>Makes this process the one owner of an interrupted task.</summary>
    /// <exception cref="CdfException">NotFound; Conflict: it is being run, or over.</exception>
    ValueTask<ITaskRun> ClaimAsync(string taskId, CancellationToken cancellationToken);

    /// <exception cref="CdfException">NotFound.</exception>
    ValueTask<BulkRegistrationTask> GetAsync(string taskId, CancellationToken cancellationToken);

    /// <summary>The task that this request has begun, if it has been within a day.</summary>
    /// <exception cref="CdfException">Conflict: the request of that key had another body.</exception>
    ValueTask<BulkRegistrationTask?> FindAsync(RequestIdentity request, CancellationToken cancellationToken);

    /// <summary>What the task was created with.</summary>
    /// <exception cref="CdfException">NotFound.</exception>
    ValueTask<NewTask> GetPlanAsync(string taskId, CancellationToken cancellationToken);

    /// <summary>All tasks: first those of this computer, each kind oldest first.</summary>
    IAsyncEnumerable<BulkRegistrationTask> ListAsync(CancellationToken cancellationToken);

    /// <summary>The tasks of synchronisations on this computer, oldest first.</summary>
    ValueTask<IReadOnlyList<BulkRegistrationTask>> ListDesiredAsync(CancellationToken cancellationToken);

    /// <summary>The certificates that tasks on this computer replace, in the order in which that was begun.</summary>
    IAsyncEnumerable<CertificateRotation> RotationsAsync(CancellationToken cancellationToken);

    /// <summary>Notes that a rotation is completed or taken back.</summary>
    ValueTask EndRotationAsync(CertificateRotation rotation, RotationState state, CancellationToken cancellationToken);

    /// <summary>
    /// Tells the owner to stop, which it sees when it next applies rows; a task without one is cancelled at once. If rows of such a
    /// task were under way, or their keys may be left, it is still interrupted: who claims it then settles those rows, and ends it.
    /// </summary>
    /// <exception cref="CdfException">NotFound; Conflict: it is over already.</exception>
    ValueTask<BulkRegistrationTask> StopAsync(string taskId, CancellationToken cancellationToken);

    /// <summary>Forgets a task that is over, and its results.</summary>
    /// <exception cref="CdfException">NotFound; Conflict: it is not over.</exception>
    ValueTask RemoveAsync(string taskId, CancellationToken cancellationToken);

    /// <summary>The results that there are, in the order of the rows.</summary>
    /// <exception cref="CdfException">NotFound.</exception>
    IAsyncEnumerable<BulkRegistrationResult> ResultsAsync(string taskId, bool failedOnly, CancellationToken cancellationToken);
}
