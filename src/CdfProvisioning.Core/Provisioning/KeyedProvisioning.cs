using CdfProvisioning.Iot;

namespace CdfProvisioning.Provisioning;

/// <summary>A device and the place of its key: neither is had without the other.</summary>
/// <param name="provisioning">The device.</param>
/// <param name="place">The place; null if no key is made for the device.</param>
internal sealed class KeyedProvisioning(DeviceProvisioning provisioning, IKeyPlace? place)
{
    /// <summary>Takes the place for a key that is known before the registration, if it is free.</summary>
    public void TryTake()
    {
        if (provisioning.PrivateKeyPem is { } key)
            place?.TryTake(key, provisioning.Certificate?.Pem);
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
            if (place is not null && made.PrivateKey is { } madeKey)
                await place.TakeAsync(registry, madeKey, made.CertificatePem, cancellationToken);
            return made;
        }

        if (place is not null && provisioning.PrivateKeyPem is { } key)
            await place.TakeAsync(registry, key, provisioning.Certificate?.Pem, cancellationToken);
        try
        {
            var response = await provisioning.ApplyAsync(registry, cancellationToken);
            if (place is not null && response.PrivateKey is { } registeredKey)
                await place.TakeAsync(registry, registeredKey, response.CertificatePem, CancellationToken.None);
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
        place?.GiveBack();
    }
}
