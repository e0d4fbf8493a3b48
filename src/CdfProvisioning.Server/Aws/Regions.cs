using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using CdfProvisioning.Embedded;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Server.Aws;

/// <summary>The registries of the regions, each opened when it is first asked for.</summary>
/// <param name="home">The one that the server serves anyway; it stays open when the others are closed.</param>
internal sealed partial class Regions(Connection home) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Task<Connection>>> _others = new();

    /// <exception cref="CdfException">InvalidRequest: nothing could be a region of that name. Unavailable.</exception>
    public async ValueTask<Connection> GetAsync(string region, CancellationToken cancellationToken)
    {
        if (region == home.Info.Region)
            return home;
        if (!Name().IsMatch(region))
            throw IotErrorType.InvalidRequest.Error($"'{IotNames.Shown(region)}' is not a region: sign for one like {home.Info.Region}.");
        var other = _others.GetOrAdd(region, name => new(() => EmbeddedBackend.OpenRegionAsync(home, name, CancellationToken.None).AsTask()));
        try
        {
            return await other.Value.WaitAsync(cancellationToken);
        }
        catch when (other.Value.IsFaulted)
        {
            // The next who asks tries again.
            _others.TryRemove(new(region, other));
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var other in _others.Values)
            if (other.Value.IsCompletedSuccessfully)
                await (await other.Value).DisposeAsync();
    }

    /// <summary>It becomes the name of a folder, beside those of buckets and keys.</summary>
    [GeneratedRegex("^[a-z]{2,8}(-[a-z]{2,12}){1,3}-[0-9]{1,2}$")]
    private static partial Regex Name();
}
