using CdfProvisioning.Iot;

namespace CdfProvisioning.Tests.Things;

/// <summary>The embedded registry as AWS is: without transactions, over a network that fails. Counts the calls from 1.</summary>
internal sealed class FlakyRegistry(IDeviceRegistry registry, Func<int, object, Fault>? fault = null) : IDeviceRegistry
{
    public List<object> Calls { get; } = [];

    public async ValueTask<TResponse> InvokeAsync<TResponse>(IIotRequest<TResponse> request, CancellationToken cancellationToken)
    {
        Calls.Add(request);
        var what = fault?.Invoke(Calls.Count, request) ?? Fault.None;
        if (what == Fault.NotDone)
            throw IotErrorType.ServiceUnavailable.Error("The network is down.");
        var response = await registry.InvokeAsync(request, cancellationToken);
        return what == Fault.AnswerLost ? throw IotErrorType.ServiceUnavailable.Error("The answer is lost.") : response;
    }

    public ValueTask DisposeAsync() => default;
}

internal enum Fault
{
    None,
    NotDone,
    AnswerLost,
}
