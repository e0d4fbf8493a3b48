using System.Collections.Concurrent;

namespace CdfProvisioning.Aws.Client;

/// <summary>The request rate of each operation: AWS's quotas are per operation, account and region.</summary>
/// <param name="ceiling">Requests per second of one operation that are never exceeded.</param>
internal sealed class RequestRates(int ceiling) : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<RequestRate>> _rates = new();

    public RequestRate Of(string operation) => _rates.GetOrAdd(operation, _ => new(() => new RequestRate(ceiling))).Value;

    public void Dispose()
    {
        foreach (var rate in _rates.Values)
            rate.Value.Dispose();
    }
}
