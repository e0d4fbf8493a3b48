using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Lists;

/// <summary>A row whose slow part is done: it is ready to be registered, or is known to fail.</summary>
internal sealed class PreparedRow
{
    private readonly DeviceProvisioning? _provisioning;
    private readonly KeyDirectory? _keys;

    /// <summary>The key file that was written for this row, if one was.</summary>
    private (string Key, string Certificate)? _kept;

    /// <param name="number">The row's number.</param>
    /// <param name="provisioning">The device, on its way.</param>
    /// <param name="keys">Where its key goes; it is written now if its certificate is known already.</param>
    public PreparedRow(long number, DeviceProvisioning provisioning, KeyDirectory? keys)
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

    /// <summary>Whether a private key is made for the device.</summary>
    public bool MakesKey => _provisioning!.MakesKey;

    /// <summary>The id of the certificate that is registered for the device, as soon as it is known.</summary>
    public string? CertificateId => _provisioning?.CertificateId;

    /// <summary>The identifier of the key that was made for the device, if AWS IoT is to issue its certificate.</summary>
    public byte[]? KeyIdentifier => _provisioning?.KeyIdentifier;

    /// <summary>The certificate in the device's key file, which may be from before the task was interrupted.</summary>
    /// <exception cref="CdfException">Conflict: the file is not one of ours.</exception>
    public string? KeyFileCertificateId => _keys?.CertificateIdIn(KeyName);

    private string KeyName => ThingName ?? $"row-{Number}";

    /// <summary>
    /// Registers the device and sees to it that its key is kept. One that was rolled back can be registered again. Without
    /// transactions, a device stays as it is if the registry is in trouble: it may be registered, and then the key is its own.
    /// </summary>
    /// <exception cref="CdfException">Why the row fails; nothing of it is left then.</exception>
    public async ValueTask<ProvisionResponse> RegisterAsync(IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        try
        {
            var response = await _provisioning!.ApplyAsync(registry, cancellationToken);
            if (response.PrivateKey is { } key && key != _kept?.Key)
                await KeepKeyAsync(registry, key, response.CertificatePem!, cancellationToken);
            return response;
        }
        catch (CdfException e) when (!e.IsOfTheRow && registry is not ITransactionRegistry)
        {
            throw;
        }
        catch (Exception e)
        {
            Discard();
            if (registry is not ITransactionRegistry)
                await _provisioning!.UndoAsync(registry, e);
            throw;
        }
    }

    /// <summary>Does what is left to do for a device that was registered before, and has its key.</summary>
    /// <param name="registered">A registry that answers as it did then.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="CdfException">Why the row fails; what this process has registered of it is not left then.</exception>
    public async ValueTask<ProvisionResponse> FinishAsync(IDeviceRegistry registered, CancellationToken cancellationToken)
    {
        try
        {
            return await _provisioning!.ApplyAsync(registered, cancellationToken);
        }
        catch (CdfException e) when (e.IsOfTheRow)
        {
            Discard();
            await _provisioning!.UndoAsync(registered, e);
            throw;
        }
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
    private async ValueTask KeepKeyAsync(IDeviceRegistry registry, string key, string certificatePem, CancellationToken cancellationToken)
    {
        Discard();
        if (!_keys!.TryAdd(KeyName, key, certificatePem))
        {
            if (_keys.CertificateIdIn(KeyName) is { } id && await IsRegisteredAsync(registry, id, cancellationToken))
                throw IotErrorType.ResourceAlreadyExists.Error(
                    $"The key file '{_keys.FileOf(KeyName)}' of thing '{KeyName}' belongs to the registered certificate {id}. Move it away, or name another key folder.");
            _keys.Replace(KeyName, key, certificatePem);
        }
        _kept = (key, certificatePem);
    }

    private static async ValueTask<bool> IsRegisteredAsync(IDeviceRegistry registry, string certificateId, CancellationToken cancellationToken)
    {
        try
        {
            await registry.InvokeAsync(new DescribeCertificateRequest(certificateId), cancellationToken);
            return true;
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.NotFound)
        {
            return false;
        }
    }
}
