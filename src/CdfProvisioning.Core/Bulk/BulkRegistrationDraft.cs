namespace CdfProvisioning.Bulk;

/// <summary>A list that is being received. Nothing of it is registered, or seen by anyone, before it is started.</summary>
internal sealed class BulkRegistrationDraft : IAsyncDisposable
{
    /// <summary>Adds a row; completes when it is safe to go on, so that a fast source cannot fill the memory.</summary>
    /// <exception cref="CdfException">InvalidRequest: the list lacks a column that the template needs.</exception>
    public ValueTask AddAsync(IReadOnlyDictionary<string, string> parameters, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Ends the list and begins to register its devices, in the background of this process.</summary>
    /// <exception cref="CdfException">InvalidRequest: the list is empty.</exception>
    public ValueTask<BulkRegistrationTask> StartAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Discards the list if it was not started.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
