using System.Security;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Certificates;

/// <summary>Where keys are that sign elsewhere.</summary>
internal interface IKeyHolder
{
    /// <summary>The scheme of its URIs.</summary>
    string Scheme { get; }

    /// <param name="uri">Which key.</param>
    /// <param name="pin">What opens it, where the holder is not to find that out.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CdfException">InvalidRequest: the URI, or the key is no CA's; NotFound; AccessDenied; Unavailable.</exception>
    ValueTask<RemoteKey> OpenAsync(KeyUri uri, SecureString? pin, CancellationToken cancellationToken);
}

/// <summary>The keys of a connection that sign elsewhere, each opened once.</summary>
internal sealed class RemoteKeys(IReadOnlyList<IKeyHolder> holders) : IDisposable
{
    private readonly Dictionary<string, RemoteKey> _open = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _opening = new(1);

    /// <summary>Whether what a <see cref="ICaKeyStore"/> has is the URI of a key, and not the key.</summary>
    public static bool IsUri(string key) => !key.Contains("-----BEGIN", StringComparison.Ordinal);

    /// <inheritdoc cref="IKeyHolder.OpenAsync"/>
    public async ValueTask<RemoteKey> OpenAsync(string uri, SecureString? pin, CancellationToken cancellationToken)
    {
        var parsed = KeyUri.Parse(uri);
        var holder = holders.FirstOrDefault(h => h.Scheme == parsed.Scheme) ?? throw CdfErrorCode.InvalidRequest.Error(
            $"The key URI '{IotNames.Shown(uri)}' begins with '{IotNames.Shown(parsed.Scheme)}:'; keys can be used that are at {string.Join(" or ", holders.Select(h => $"'{h.Scheme}:'"))}.");
        // One after the other: a wrong PIN is to be tried once, however many wait.
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (!_open.TryGetValue(uri, out var key))
                _open[uri] = key = await holder.OpenAsync(parsed, pin, cancellationToken);
            return key;
        }
        finally
        {
            _opening.Release();
        }
    }

    public void Dispose()
    {
        foreach (var key in _open.Values)
            key.Dispose();
        _open.Clear();
    }
}
