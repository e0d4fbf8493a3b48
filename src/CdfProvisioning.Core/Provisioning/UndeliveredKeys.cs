using CdfProvisioning.Iot;
using CdfProvisioning.Keys;

namespace CdfProvisioning.Provisioning;

/// <summary>
/// Keys of devices that are to be handed out and have not been yet. Each has a file in a private folder beside the registry before its device is
/// registered, and loses it when it has been handed out: whatever happens in between, the key is not lost.
/// </summary>
/// <param name="place">What tells the registry from every other: the path of its file, or of this computer's journal of it.</param>
/// <param name="registry">The registry.</param>
internal sealed class UndeliveredKeys(string place, IDeviceRegistry registry) : IDisposable
{
    private readonly SemaphoreSlim _opening = new(1);
    private KeyDirectory? _keys;

    private string Folder => Path.Combine(Path.GetDirectoryName(place)!, "undelivered-keys");

    /// <summary>The folder. What a process that was killed has left there is settled first: the key of a registered device stays.</summary>
    /// <exception cref="CdfException">Unavailable: nothing can be written there.</exception>
    public async ValueTask<KeyDirectory> OpenAsync(CancellationToken cancellationToken)
    {
        if (_keys is { } open)
            return open;
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_keys is not null)
                return _keys;
            var keys = KeyDirectory.Open(Folder, place);
            foreach (var name in keys.Names())
                await new KeyPlace(keys, name).SettleLeftAsync(registry, cancellationToken);
            return _keys = keys;
        }
        finally
        {
            _opening.Release();
        }
    }

    public void Dispose()
    {
        _keys?.Dispose();
        _opening.Dispose();
    }
}

/// <summary>A device that is registered and whose key nobody has yet.</summary>
/// <param name="Response">What is to be handed out.</param>
/// <param name="Place">Where its key is until then; null if no key was made.</param>
internal sealed record UndeliveredDevice(ProvisionResponse Response, KeyPlace? Place)
{
    /// <summary>The key has been handed out.</summary>
    public void Deliver() => Place?.Discard();

    /// <summary>The key could not be handed out: its file stays.</summary>
    /// <returns>What is to be said of it; null if no key was made.</returns>
    public string? Keep(string whoGotNone)
    {
        Place?.Keep();
        return Place is null ? null : $"Thing '{Response.ThingName}' was registered when {whoGotNone}: its key and its certificate are in '{Place.File}'.";
    }
}
