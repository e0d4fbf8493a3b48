using CdfProvisioning.Iot;

namespace CdfProvisioning.Testing;

/// <summary>A registry as AWS's is: without transactions, on a line that can be cut, before a call is heard or before its answer is.</summary>
internal class UnreliableRegistry(IDeviceRegistry registry) : IDeviceRegistry
{
    private int _calls;

    /// <summary>How many calls were made, the one under way included.</summary>
    public int Calls => _calls;

    /// <summary>Whether a call is lost, and why.</summary>
    public Func<object, CdfException?> LosesCall { get; set; } = _ => null;

    /// <summary>Whether a call is heard and its answer lost, be it a refusal.</summary>
    public Func<object, CdfException?> LosesAnswer { get; set; } = _ => null;

    /// <summary>What others do just before a call is heard.</summary>
    public Func<object, ValueTask> Meanwhile { get; set; } = _ => default;

    public async ValueTask<TResponse> InvokeAsync<TResponse>(IIotRequest<TResponse> request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        if (LosesCall(request) is { } lost)
            throw lost;
        await Meanwhile(request);
        var (answer, refusal) = await AnswerAsync(request, cancellationToken);
        return (LosesAnswer(request) ?? refusal) is { } failure ? throw failure : answer!;
    }

    public ValueTask DisposeAsync() => registry.DisposeAsync();

    private async ValueTask<(TResponse? Answer, CdfException? Refusal)> AnswerAsync<TResponse>(IIotRequest<TResponse> request, CancellationToken cancellationToken)
    {
        try
        {
            return (await registry.InvokeAsync(request, cancellationToken), null);
        }
        catch (CdfException refusal)
        {
            return (default, refusal);
        }
    }
}
