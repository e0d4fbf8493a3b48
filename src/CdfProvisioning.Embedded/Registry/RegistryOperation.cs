using CdfProvisioning.Iot;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>How the embedded registry does one operation.</summary>
/// <param name="changes">Whether it goes through the writer.</param>
internal abstract class RegistryOperation<TResponse>(bool changes)
{
    public bool Changes => changes;

    /// <summary>Does what takes long and needs no registry; the returned request has the rest left.</summary>
    public virtual ValueTask<IIotRequest<TResponse>> PrepareAsync(IIotRequest<TResponse> request, CertificateMaker maker, CancellationToken cancellationToken) =>
        new(request);

    public abstract TResponse Run(Scope scope, IIotRequest<TResponse> request);
}

/// <inheritdoc/>
internal sealed class RegistryOperation<TRequest, TResponse>(bool changes, Func<Scope, TRequest, TResponse> run) : RegistryOperation<TResponse>(changes)
    where TRequest : class, IIotRequest<TResponse>
{
    public override TResponse Run(Scope scope, IIotRequest<TResponse> request) => run(scope, (TRequest)request);
}

/// <summary>An operation whose request is prepared before it reaches the writer.</summary>
internal sealed class PreparedOperation<TRequest, TWork, TResponse>(Func<TRequest, CertificateMaker, CancellationToken, ValueTask<TWork>> prepare) : RegistryOperation<TResponse>(changes: true)
    where TRequest : class, IIotRequest<TResponse>
{
    public override async ValueTask<IIotRequest<TResponse>> PrepareAsync(
        IIotRequest<TResponse> request, CertificateMaker maker, CancellationToken cancellationToken) =>
        new Prepared<TRequest, TWork, TResponse>((TRequest)request, await prepare((TRequest)request, maker, cancellationToken));

    public override TResponse Run(Scope scope, IIotRequest<TResponse> request) =>
        throw new InvalidOperationException($"{typeof(TRequest).Name} has to be prepared first.");
}

/// <summary>A request whose slow part is done.</summary>
internal sealed record Prepared<TRequest, TWork, TResponse>(TRequest Request, TWork Work) : IIotRequest<TResponse>;
