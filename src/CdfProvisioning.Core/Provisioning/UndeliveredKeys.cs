using System.Collections.Concurrent;
using CdfProvisioning.Iot;
using CdfProvisioning.Keys;

namespace CdfProvisioning.Provisioning;

/// <summary>
/// Keys of devices that are to be handed out and have not been yet. Each is in a file of a private folder beside the registry before its device is
/// registered, and is in none when it has been handed out: whatever happens in between, the key is not lost.
/// </summary>
/// <param name="place">What tells the registry from every other: the path of its file, or of this computer's journal of it.</param>
/// <param name="registry">The registry.</param>
internal sealed class UndeliveredKeys(string place, IDeviceRegistry registry) : IDisposable
{
    /// <summary>How many files without a key are kept open for the next ones.</summary>
    private const int MaxFree = 64;

    private readonly SemaphoreSlim _opening = new(1);
    private readonly ConcurrentQueue<KeySlot> _free = new();
    private KeyDirectory? _keys;

    /// <summary>The folder.</summary>
    public string Folder => Path.Combine(Path.GetDirectoryName(place)!, "undelivered-keys");

    /// <summary>A place for the key of a thing.</summary>
    /// <exception cref="CdfException">Unavailable: nothing can be written there.</exception>
    public async ValueTask<UndeliveredKey> OpenAsync(string? thingName, CancellationToken cancellationToken)
    {
        var keys = _keys ?? await OpenFolderAsync(cancellationToken);
        while (_free.TryDequeue(out var slot))
        {
            if (slot.IsThere)
                return new(this, slot, thingName);
            slot.Dispose();
        }

        return new(this, keys.OpenSlot(), thingName);
    }

    /// <summary>Takes a file back whose key is not wanted there any more.</summary>
    public void Return(KeySlot slot)
    {
        if (slot.TryClear() && _free.Count < MaxFree)
            _free.Enqueue(slot);
        else
            slot.Dispose();
    }

    public void Dispose()
    {
        while (_free.TryDequeue(out var slot))
            slot.Dispose();
        _keys?.Dispose();
        _opening.Dispose();
    }

    /// <summary>The folder. What a process that was killed has left there is settled first: the key of a registered device stays.</summary>
    private async ValueTask<KeyDirectory> OpenFolderAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_keys is not null)
                return _keys;
            var keys = KeyDirectory.Open(Folder, place);
            foreach (var name in keys.Names())
                await SettleAsync(keys, name, cancellationToken);
            return _keys = keys;
        }
        finally
        {
            _opening.Release();
        }
    }

    private async ValueTask SettleAsync(KeyDirectory keys, string name, CancellationToken cancellationToken)
    {
        await new KeyPlace(keys, name).SettleLeftAsync(registry, cancellationToken);
        keys.RemoveLeftSlot(name);
        if (KeySlot.FindOwner(name) is not null && keys.Read(name) is { Owner: null, Certificate: { Id: var id } }
            && await registry.FindCertificateAsync(id, cancellationToken) is { CertificateArn: { } arn })
            keys.TryRename(keys.FileOf(name), KeyDirectory.UniqueNameOf(await registry.ThingsOfPrincipalAsync(arn, cancellationToken).FirstOrDefaultAsync(cancellationToken)));
    }
}
