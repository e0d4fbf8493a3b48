using System.Collections.Concurrent;
using System.Threading.Channels;
using CdfProvisioning.Embedded.Registry;

namespace CdfProvisioning.Server.Devices;

/// <summary>
/// Has the registry remember with which certificates devices have connected: many of them at once and each once an hour, since the
/// permissions of all that are connected are looked at again when the registry changes.
/// </summary>
internal sealed class SeenCertificates
{
    /// <summary>More certificates than connect within an hour, unless a whole fleet does.</summary>
    private const int MaxKnown = 100_000;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Precision = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _known = new();
    private readonly Channel<(string Id, DateTimeOffset Time)> _seen = Channel.CreateUnbounded<(string, DateTimeOffset)>();
    private readonly EmbeddedRegistry _registry;
    private readonly CancellationToken _stopping;
    private readonly Task _work;

    /// <param name="registry">The registry.</param>
    /// <param name="stopping">Ends the pauses.</param>
    public SeenCertificates(EmbeddedRegistry registry, CancellationToken stopping)
    {
        (_registry, _stopping) = (registry, stopping);
        _work = Task.Run(WriteAsync, CancellationToken.None);
    }

    public void Add(string certificateId)
    {
        var now = DateTimeOffset.UtcNow;
        if (_known.TryGetValue(certificateId, out var last) && now - last < Precision)
            return;
        if (_known.Count >= MaxKnown)
            _known.Clear();
        _known[certificateId] = now;
        _seen.Writer.TryWrite((certificateId, now));
    }

    /// <summary>Writes what is left.</summary>
    public Task EndAsync()
    {
        _seen.Writer.TryComplete();
        return _work;
    }

    private async Task WriteAsync()
    {
        while (await _seen.Reader.WaitToReadAsync(CancellationToken.None))
        {
            var seen = new Dictionary<string, DateTimeOffset>();
            while (_seen.Reader.TryRead(out var certificate))
                seen[certificate.Id] = certificate.Time;
            try
            {
                await _registry.WriteAsync(scope => CertificateConnections.Write(scope, seen), CancellationToken.None);
            }
            catch (CdfException)
            {
                // The file cannot be written to at the moment: the next connection is noted.
                foreach (var id in seen.Keys)
                    _known.TryRemove(id, out _);
            }

            await Task.Delay(Pause, _stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
