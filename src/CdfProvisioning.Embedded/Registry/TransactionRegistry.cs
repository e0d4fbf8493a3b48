using CdfProvisioning.Fleet;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>The registry within a transaction: what is invoked completes at once, and is kept or undone with the transaction.</summary>
/// <param name="scope">The transaction.</param>
/// <param name="maker">Makes certificates; not needed by who only reads.</param>
internal sealed class TransactionRegistry(Scope scope, CertificateMaker? maker = null) : ITransactionRegistry, IConnectionMemory
{
    public ValueTask<TResponse> InvokeAsync<TResponse>(IIotRequest<TResponse> request, CancellationToken cancellationToken)
    {
        var operation = RegistryOperations.Of(request);
        if (!operation.Changes)
            return new(operation.Run(scope, request));
        var prepared = Completed(operation.PrepareAsync(request, maker!, cancellationToken));
        return new(RegistryOperations.Of(prepared).Run(scope, prepared));
    }

    public ValueTask<DateTimeOffset?> FindLastConnectedAsync(string certificateId, CancellationToken cancellationToken) => new(CertificateConnections.Find(scope.Session, certificateId));

    /// <summary>The transaction is the writer's to end.</summary>
    public ValueTask DisposeAsync() => default;

    /// <summary>The writer's thread cannot wait: what would take long has to be prepared before the transaction.</summary>
    public static T Completed<T>(ValueTask<T> work) => work.IsCompleted
        ? work.GetAwaiter().GetResult()
        : throw new InvalidOperationException("Work within a transaction has to complete at once.");
}
