using CdfProvisioning.Iot;

namespace CdfProvisioning.Provisioning;

/// <summary>
/// Where the key of one device goes. The place is taken before the device can be registered, kept once it is, and given back
/// if it is not: from the moment a certificate can be ACTIVE until it is deleted its key is there, and nobody else's.
/// </summary>
internal interface IKeyPlace
{
    /// <summary>The file.</summary>
    string File { get; }

    /// <summary>Takes the place for a key if nothing stands there, and if it can be written: <see cref="TakeAsync"/> says so if not.</summary>
    void TryTake(string key, string? certificatePem);

    /// <summary>Takes the place for a key, whatever is left there; if it is the key's already, adds the certificate.</summary>
    /// <exception cref="CdfException">Conflict: the place is another device's, or registration's. Unavailable: it cannot be written.</exception>
    ValueTask TakeAsync(IDeviceRegistry registry, string key, string? certificatePem, CancellationToken cancellationToken);

    /// <summary>Keeps the place for good, of a device that is registered now.</summary>
    void Keep();

    /// <summary>Gives the place back, of a device that is not going to be registered.</summary>
    void GiveBack();
}
