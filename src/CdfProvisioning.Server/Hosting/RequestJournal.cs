using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.Server.Hosting;

/// <summary>Counts the requests that were answered, and keeps the latest until someone reads them.</summary>
internal sealed class RequestJournal
{
    private const int Kept = 1000;

    private static readonly Counter<long> Requests = ProvisioningMetrics.Meter.CreateCounter<long>("cdf.requests", description: "Requests that were answered.");

    private static readonly Histogram<double> Durations =
        ProvisioningMetrics.Meter.CreateHistogram<double>("cdf.request.duration", "s", "How long answers took, from the headers of the request to the end of the answer.");

    private readonly RequestLog? _log;
    private readonly ConcurrentDictionary<(string Route, int Status), StrongBox<long>> _counts = new();
    private readonly Channel<ServedRequest> _latest =
        Channel.CreateBounded<ServedRequest>(new BoundedChannelOptions(Kept) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <param name="log">Where they are written to as well.</param>
    public RequestJournal(RequestLog? log = null) => _log = log;

    public IReadOnlyList<RequestCount> Counts =>
        _counts.Select(c => new RequestCount(c.Key.Route, c.Key.Status, Volatile.Read(ref c.Value.Value)))
            .OrderBy(c => c.Route, StringComparer.Ordinal).ThenBy(c => c.Status).ToArray();

    public void Add(ServedRequest request)
    {
        Interlocked.Increment(ref _counts.GetOrAdd((request.Route, request.Status), _ => new()).Value);
        Requests.Add(1, new("route", request.Route), new("status", request.Status));
        Durations.Record(request.Elapsed.TotalSeconds, new KeyValuePair<string, object?>("route", request.Route));
        _latest.Writer.TryWrite(request);
        _log?.Add(request);
    }

    public bool TryRead([MaybeNullWhen(false)] out ServedRequest request) => _latest.Reader.TryRead(out request);

    /// <summary>The requests as they are answered, until the server has stopped.</summary>
    public IAsyncEnumerable<ServedRequest> ReadAllAsync(CancellationToken cancellationToken) => _latest.Reader.ReadAllAsync(cancellationToken);

    public async ValueTask CompleteAsync()
    {
        _latest.Writer.TryComplete();
        if (_log is not null)
            await _log.DisposeAsync();
    }
}
