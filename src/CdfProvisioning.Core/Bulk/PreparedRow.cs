using CdfProvisioning.Iot;
using CdfProvisioning.Templates;
using CdfProvisioning.Things;

namespace CdfProvisioning.Bulk;

/// <summary>A row whose slow part is done: it is ready to be registered, or is known to fail.</summary>
internal sealed class PreparedRow
{
    private readonly Provisioning? _provisioning;
    private readonly KeyDirectory? _keys;

    /// <summary>The key file that was written for this row, if one was.</summary>
    private (string Key, string Certificate)? _kept;

    /// <param name="number">The row's number.</param>
    /// <param name="provisioning">The device, on its way.</param>
    /// <param name="keys">Where its key goes; it is written now if its certificate is known already.</param>
    public PreparedRow(long number, Provisioning provisioning, KeyDirectory? keys)
    {
        Number = number;
        ThingName = provisioning.ThingName;
        _provisioning = provisioning;
        _keys = keys;
        if (provisioning is { PrivateKeyPem: { } key, Certificate: { } certificate } && _keys!.TryAdd(KeyName, key, certificate.Pem))
            _kept = (key, certificate.Pem);
    }

    public PreparedRow(long number, string? thingName, CdfException failure)
    {
        Number = number;
        ThingName = thingName;
        Failure = failure;
    }

    public long Number { get; }

    public string? ThingName { get; }

    /// <summary>Why there is no point in registering it, if it is known already.</summary>
    public CdfException? Failure { get; }

    /// <summary>The certificate that the device's own parameters give it; null where a step makes one.</summary>
    public CertificateResource? GivenCertificate => _provisioning!.GivenCertificate;

    /// <summary>Whether the device's key goes into a folder.</summary>
    public bool KeepsKey => _keys is not null;

    /// <summary>The certificate in the device's key file, which may be from before the task was interrupted.</summary>
    /// <exception cref="CdfException">Conflict: the file is not one of ours.</exception>
    public string? KeyFileCertificateId => _keys?.CertificateIdIn(KeyName);

    private string KeyName => ThingName ?? $"row-{Number}";

    /// <summary>Registers the device and sees to it that its key is kept. Rows are registered one after the other, in their order; one that was rolled back can be registered again.</summary>
    /// <exception cref="CdfException">Why the row fails; nothing of it is left then.</exception>
    public async ValueTask<ProvisionResponse> RegisterAsync(IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        try
        {
            return await _provisioning!.ApplyAsync(registry, (response, token) => KeepKeyAsync(registry, response, token), cancellationToken);
        }
        catch (CdfException e) when (!e.IsOfTheRow && registry is not ITransactionRegistry)
        {
            throw; // The device may be registered, and then the key is its own.
        }
        catch
        {
            Discard();
            throw;
        }
    }

    /// <summary>Does what is left to do for a device that was registered before, and has its key.</summary>
    /// <param name="registered">A registry that answers as it did then.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public ValueTask<ProvisionResponse> FinishAsync(IDeviceRegistry registered, CancellationToken cancellationToken)
    {
        _kept = null; // the key file is the registered device's
        return _provisioning!.ApplyAsync(registered, keep: null, cancellationToken);
    }

    /// <summary>Takes back what was written for a device that is not going to be registered.</summary>
    public void Discard()
    {
        if (_kept is { } kept)
            _keys!.Remove(KeyName, kept.Certificate);
        _kept = null;
    }

    /// <summary>
    /// Writes the key where a file stood in the way before: another row's with the same thing, or one left behind by a
    /// process that was killed. The key of a registered device is never overwritten.
    /// </summary>
    private async ValueTask KeepKeyAsync(IDeviceRegistry registry, ProvisionResponse response, CancellationToken cancellationToken)
    {
        if (response is not { PrivateKey: { } key, CertificatePem: { } certificatePem } || key == _kept?.Key)
            return;

        Discard();
        if (!_keys!.TryAdd(KeyName, key, certificatePem))
        {
            if (_keys.CertificateIdIn(KeyName) is { } id && await registry.FindAsync(new DescribeCertificateRequest(id), cancellationToken) is not null)
                throw IotErrorType.ResourceAlreadyExists.Error(
                    $"The key file '{_keys.FileOf(KeyName)}' of thing '{KeyName}' belongs to the registered certificate {id}. Move it away, or name another key folder.");
            _keys.Replace(KeyName, key, certificatePem);
        }
        _kept = (key, certificatePem);
    }
}
