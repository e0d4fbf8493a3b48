using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.Server.Hosting;

/// <summary>Counts the requests that were answered, and keeps the latest until someone reads them.</summary>
internal sealed class RequestJournal
{
    private const int Kept = 1000;

    private readonly ConcurrentDictionary<(string Route, int Status), StrongBox<long>> _counts = new();
    private readonly Channel<ServedRequest> _latest =
        Channel.CreateBounded<ServedRequest>(new BoundedChannelOptions(Kept) { FullMode = BoundedChannelFullMode.DropOldest });

    public IReadOnlyList<RequestCount> Counts =>
        _counts.Select(c => new RequestCount(c.Key.Route, c.Key.Status, Volatile.Read(ref c.Value.Value)))
            .OrderBy(c => c.Route, StringComparer.Ordinal).ThenBy(c => c.Status).ToArray();

    public void Add(ServedRequest request)
    {
        Interlocked.Increment(ref _counts.GetOrAdd((request.Route, request.Status), _ => new()).Value);
        _latest.Writer.TryWrite(request);
    }

    public bool TryRead([MaybeNullWhen(false)] out ServedRequest request) => _latest.Reader.TryRead(out request);

    /// <summary>The requests as they are answered, until the server has stopped.</summary>
    public IAsyncEnumerable<ServedRequest> ReadAllAsync(CancellationToken cancellationToken) => _latest.Reader.ReadAllAsync(cancellationToken);

    public void Complete() => _latest.Writer.TryComplete();
}
