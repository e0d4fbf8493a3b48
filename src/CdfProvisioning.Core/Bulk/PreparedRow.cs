using CdfProvisioning.Iot;
using CdfProvisioning.Things;

namespace CdfProvisioning.Bulk;

/// <summary>A row whose slow part is done: it is ready to be registered, or is known to fail.</summary>
internal sealed class PreparedRow
{
    private readonly Provisioning? _provisioning;
    private readonly CdfException? _failure;
    private readonly KeyDirectory? _keys;

    /// <summary>The certificate in the key file that was written for this row, if one was.</summary>
    private string? _keptCertificate;

    /// <param name="number">The row's number.</param>
    /// <param name="provisioning">The device, on its way.</param>
    /// <param name="keys">Where its key goes; it is written now if its certificate is known already.</param>
    public PreparedRow(long number, Provisioning provisioning, KeyDirectory? keys)
    {
        Number = number;
        ThingName = provisioning.ThingName;
        _provisioning = provisioning;
        _keys = keys;
        if (provisioning is { PrivateKeyPem: { } key, Certificate: { } certificate })
            _keptCertificate = _keys!.TryAdd(KeyName, key, certificate.Pem) ? certificate.Pem : null;
    }

    public PreparedRow(long number, string? thingName, CdfException failure)
    {
        Number = number;
        ThingName = thingName;
        _failure = failure;
    }

    public long Number { get; }

    public string? ThingName { get; }

    /// <summary>Whether there is a point in registering it.</summary>
    public bool IsReady => _failure is null;

    private string KeyName => ThingName ?? $"row-{Number}";

    /// <summary>Registers the device and sees to it that its key is kept. Rows are registered one after the other, in their order.</summary>
    /// <exception cref="CdfException">Why the row fails; nothing of it is left then.</exception>
    public async ValueTask<ProvisionResponse> RegisterAsync(IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        try
        {
            if (_failure is not null)
                throw _failure;
            var response = await _provisioning!.ApplyAsync(registry, cancellationToken);
            if (response.PrivateKey is { } key && _keptCertificate is null)
                await KeepKeyAsync(registry, key, response.CertificatePem!, cancellationToken);
            return response;
        }
        catch
        {
            Discard();
            throw;
        }
    }

    /// <summary>Takes back what was written for a device that is not going to be registered.</summary>
    public void Discard()
    {
        if (_keptCertificate is not null)
            _keys!.Remove(KeyName, _keptCertificate);
        _keptCertificate = null;
    }

    /// <summary>
    /// Writes the key where a file stood in the way before: another row's with the same thing, or one left behind by a
    /// process that was killed. The key of a registered device is never overwritten.
    /// </summary>
    private async ValueTask KeepKeyAsync(IDeviceRegistry registry, string key, string certificatePem, CancellationToken cancellationToken)
    {
        if (!_keys!.TryAdd(KeyName, key, certificatePem))
        {
            if (_keys.CertificateIdIn(KeyName) is { } id && await IsRegisteredAsync(registry, id, cancellationToken))
                throw IotErrorType.ResourceAlreadyExists.Error(
                    $"The key file '{_keys.FileOf(KeyName)}' of thing '{KeyName}' belongs to the registered certificate {id}. Move it away, or name another key folder.");
            _keys.Replace(KeyName, key, certificatePem);
        }
        _keptCertificate = certificatePem;
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
