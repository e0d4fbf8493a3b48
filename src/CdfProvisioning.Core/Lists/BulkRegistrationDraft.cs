namespace CdfProvisioning.Lists;

/// <summary>A list that is being received. Nothing of it is registered, or seen by anyone, before it is started.</summary>
internal sealed class BulkRegistrationDraft(ITaskRun run, ListCheck check, Action<ITaskRun> start) : IAsyncDisposable
{
    private const int RowsPerPiece = 256;

    private readonly List<IReadOnlyDictionary<string, string>> _piece = new(RowsPerPiece);
    private bool _hasRows;
    private bool _isStarted;

    public string TaskId => run.TaskId;

    /// <summary>What its user should know: others may write to the folder of its keys.</summary>
    public string? Warning { get; init; }

    /// <summary>Notes which request has begun it.</summary>
    public ValueTask IdentifyAsync(RequestIdentity request, CancellationToken cancellationToken) => run.IdentifyAsync(request, cancellationToken);

    /// <summary>Adds a row; completes when it is safe to go on, so that a fast source cannot fill the memory.</summary>
    /// <exception cref="CdfException">InvalidRequest: something is wrong with the list as a whole, such as a column that is missing.</exception>
    public ValueTask AddAsync(IReadOnlyDictionary<string, string> parameters, CancellationToken cancellationToken)
    {
        _piece.Add(parameters);
        return _piece.Count < RowsPerPiece ? default : FlushAsync(cancellationToken);
    }

    /// <summary>Ends the list and begins to register its devices, in the background of this process.</summary>
    /// <exception cref="CdfException">InvalidRequest: the list is empty.</exception>
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        if (_piece.Count > 0)
            await FlushAsync(cancellationToken);
        if (!_hasRows)
            throw CdfErrorCode.InvalidRequest.Error("The list is empty: there is no device to register.");
        await run.SealAsync(cancellationToken);
        _isStarted = true;
        start(run);
    }

    /// <summary>Ends the list as a failed task, of which nothing is registered.</summary>
    public async ValueTask FailAsync(string message, CancellationToken cancellationToken)
    {
        await run.SealAsync(cancellationToken);
        await run.EndAsync(BulkRegistrationStatus.Failed, message, cancellationToken);
    }

    /// <summary>Discards the list if it was not started.</summary>
    public ValueTask DisposeAsync() => _isStarted ? default : run.DisposeAsync();

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await check.CheckAsync(_piece);
        _hasRows = true;
        await run.AppendAsync(_piece, cancellationToken);
        _piece.Clear();
    }
}
