namespace CdfProvisioning.Iot;

/// <summary>A request of the AWS IoT control plane, which is answered by a <typeparamref name="TResponse"/>.</summary>
internal interface IIotRequest<TResponse>;

/// <summary>AWS IoT's device registry: the embedded one, or AWS's own.</summary>
internal interface IDeviceRegistry : IAsyncDisposable
{
    /// <exception cref="CdfException">With the AWS IoT error type that the operation documents.</exception>
    ValueTask<TResponse> InvokeAsync<TResponse>(IIotRequest<TResponse> request, CancellationToken cancellationToken);
}

/// <summary>A registry in which several operations can succeed or fail as one.</summary>
internal interface ITransactionalRegistry : IDeviceRegistry
{
    /// <summary>
    /// Does what takes long and changes nothing (makes keys, parses and verifies certificates, resolves templates), so
    /// that invoking the returned request in a transaction has only the writing left.
    /// </summary>
    ValueTask<IIotRequest<TResponse>> PrepareAsync<TResponse>(IIotRequest<TResponse> request, CancellationToken cancellationToken);

    /// <summary>Runs <paramref name="read"/>, which changes nothing, on one consistent state of the registry.</summary>
    /// <param name="read">Awaits nothing but the registry it is given.</param>
    /// <param name="cancellationToken">Cancels it before it begins.</param>
    ValueTask<T> ReadAsync<T>(Func<IDeviceRegistry, ValueTask<T>> read, CancellationToken cancellationToken);

    /// <summary>Runs <paramref name="work"/> on the writer; what it invoked is kept only if it returns.</summary>
    /// <param name="work">Awaits nothing but the registry it is given, and so completes without giving up its thread.</param>
    /// <param name="cancellationToken">Cancels the work while it is queued.</param>
    ValueTask<T> TransactAsync<T>(Func<IDeviceRegistry, ValueTask<T>> work, CancellationToken cancellationToken);

    /// <summary>Runs <paramref name="work"/> for one item after the other in one transaction, until it fails for one, of which nothing is left then.</summary>
    /// <param name="items">The items.</param>
    /// <param name="first">The first of them that it is run for.</param>
    /// <param name="work">Awaits nothing but the registry it is given.</param>
    /// <param name="cancellationToken">Ends it after the item that it is at; what was done by then is kept.</param>
    /// <returns>The first item that is not done, and why it failed, if it did.</returns>
    ValueTask<(int End, CdfException? Failure)> TransactEachAsync<T>(
        IReadOnlyList<T> items, int first, Func<IDeviceRegistry, T, ValueTask> work, CancellationToken cancellationToken);
}

/// <summary>The registry within a transaction: what was invoked is undone with it.</summary>
internal interface ITransactionRegistry : IDeviceRegistry;
