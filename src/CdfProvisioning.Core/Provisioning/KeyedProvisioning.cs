using CdfProvisioning.Iot;
using CdfProvisioning.Keys;

namespace CdfProvisioning.Provisioning;

/// <summary>A device and the place of its key: neither is had without the other.</summary>
/// <param name="provisioning">The device.</param>
/// <param name="keys">The folder of the keys; null if none is made for the device.</param>
/// <param name="nameOfKey">What the key is filed under.</param>
internal sealed class KeyedProvisioning(DeviceProvisioning provisioning, KeyDirectory? keys, string nameOfKey)
{
    /// <summary>The place; null if no key is made.</summary>
    public KeyPlace? Place { get; } = keys is not null && provisioning.MakesKey ? new(keys, nameOfKey) : null;

    /// <summary>Takes the place for a key that is known before the registration, if it is free.</summary>
    public void TryTake()
    {
        if (provisioning.PrivateKeyPem is { } key)
            Place?.TryTake(key, provisioning.Certificate?.Pem);
    }

    /// <summary>
    /// Registers the device. Within a transaction the place may be taken last, for nothing is registered before the commit; without
    /// one it is taken first, and given back only if nothing is left of the device. If the registry is in trouble, the device stays as it is: it may be
    /// registered, and then the key is its own.
    /// </summary>
    /// <param name="registry">The registry.</param>
    /// <param name="isAbandoned">Whether a failure without transactions leaves the device as it is, to be looked after later.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async ValueTask<ProvisionResponse> RegisterAsync(IDeviceRegistry registry, Func<Exception, bool> isAbandoned, CancellationToken cancellationToken)
    {
        if (registry is ITransactionRegistry)
        {
            var made = await provisioning.ApplyAsync(registry, cancellationToken);
            if (Place is not null && made.PrivateKey is { } madeKey)
                await Place.TakeAsync(registry, madeKey, made.CertificatePem, cancellationToken);
            return made;
        }

        if (Place is not null && provisioning.PrivateKeyPem is { } key)
            await Place.TakeAsync(registry, key, provisioning.Certificate?.Pem, cancellationToken);
        try
        {
            var response = await provisioning.ApplyAsync(registry, cancellationToken);
            if (Place is not null && response.PrivateKey is { } registeredKey)
                await Place.TakeAsync(registry, registeredKey, response.CertificatePem, CancellationToken.None);
            return response;
        }
        catch (Exception e) when (!isAbandoned(e))
        {
            await UndoAsync(registry, e);
            throw;
        }
    }

    /// <summary>Registers the device, or leaves nothing of it.</summary>
    public ValueTask<ProvisionResponse> RegisterAsync(IDeviceRegistry registry, CancellationToken cancellationToken) =>
        RegisterAsync(registry, _ => false, cancellationToken);

    /// <summary>Takes back what was registered, and then the place of the key.</summary>
    /// <exception cref="CdfException">Something remains, and so does its key.</exception>
    public async ValueTask UndoAsync(IDeviceRegistry registry, Exception cause)
    {
        await provisioning.UndoAsync(registry, cause);
        Place?.GiveBack();
    }
}
