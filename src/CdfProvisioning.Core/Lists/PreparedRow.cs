using CdfProvisioning.Iot;
using CdfProvisioning.Keys;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Lists;

/// <summary>A row whose slow part is done: it is ready to be registered, or is known to fail.</summary>
internal sealed class PreparedRow
{
    private readonly DeviceProvisioning? _provisioning;
    private readonly KeyPlace? _place;
    private readonly KeyedProvisioning? _device;
    private readonly string? _thingName;
    private bool _isFinished;

    /// <param name="row">The row.</param>
    /// <param name="provisioning">The device, on its way.</param>
    /// <param name="keys">Where its key goes; its place is taken now if its key is known already.</param>
    /// <param name="hasLine">Whether its key becomes a line of a key file, which is written now if it is known already.</param>
    /// <param name="name">What the device is called if nothing of it is registered.</param>
    public PreparedRow(DeviceRow row, DeviceProvisioning provisioning, KeyDirectory? keys, bool hasLine = false, string? name = null)
    {
        Number = row.Number;
        Parameters = row.Parameters;
        _thingName = name;
        _provisioning = provisioning;
        _place = keys is not null && provisioning.MakesKey ? new(keys, NameOfKey(ThingName, row.Number)) : null;
        _device = new(provisioning, _place);
        _device.TryTake();
        if (hasLine && provisioning is { PrivateKeyPem: { } key, Certificate: { } certificate })
            KnownKeyLine = new KeyLine(row.Number, ThingName, certificate.Id, certificate.Pem, key).Encode();
    }

    public PreparedRow(DeviceRow row, string? thingName, CdfException failure)
    {
        Number = row.Number;
        Parameters = row.Parameters;
        _thingName = thingName;
        Failure = failure;
    }

    public long Number { get; }

    /// <summary>The thing's name, as soon as it is known: it may depend on what an extension fills in.</summary>
    public string? ThingName => _provisioning?.ThingName ?? _thingName;

    /// <summary>The row's parameters, as the list had them.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; }

    /// <summary>Why there is no point in registering it, if it is known already.</summary>
    public CdfException? Failure { get; }

    /// <summary>The certificate that the device's own parameters give it; null where an extension makes one.</summary>
    public CertificateResource? GivenCertificate => _provisioning!.GivenCertificate;

    /// <summary>The id of the certificate that the device comes with; null if it comes with none, or with what is none.</summary>
    public string? GivenCertificateId
    {
        get
        {
            try
            {
                return _provisioning!.GivenCertificateId;
            }
            catch (CdfException)
            {
                return null;
            }
        }
    }

    /// <summary>Whether a private key is made for the device.</summary>
    public bool MakesKey => _provisioning!.MakesKey;

    /// <summary>The id of the certificate that is registered for the device, as soon as it is known.</summary>
    public string? CertificateId => _provisioning?.CertificateId;

    /// <summary>The identifier of the key that was made for the device, if AWS IoT is to issue its certificate.</summary>
    public byte[]? KeyIdentifier => _provisioning?.KeyIdentifier;

    /// <summary>The line of a key file for a device whose key and certificate are known.</summary>
    public byte[]? KnownKeyLine { get; }

    /// <summary>The key that this run, or an interrupted one, has put in the device's place.</summary>
    public FiledKey? FiledKey => _place?.FindOwn();

    /// <summary>What the key of a row is filed under.</summary>
    public static string NameOfKey(string? thingName, long row) => thingName ?? PlannedRows.NameOfKey(row);

    /// <summary>
    /// Registers the device with its key in its place. One that was rolled back can be registered again. Without transactions, a device
    /// stays as it is if the registry is in trouble: it may be registered, and then the key is its own.
    /// </summary>
    /// <exception cref="CdfException">Why the row fails; nothing of it is left then.</exception>
    public ValueTask<ProvisionResponse> RegisterAsync(IDeviceRegistry registry, CancellationToken cancellationToken) =>
        _device!.RegisterAsync(registry, e => e is CdfException { IsOfTheRow: false }, cancellationToken);

    /// <summary>Does what is left to do for a device that was registered before, and has its key.</summary>
    /// <param name="registered">A registry that answers as it did then.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="CdfException">Why the row fails; what this process has registered of it is not left then.</exception>
    public async ValueTask<ProvisionResponse> FinishAsync(IDeviceRegistry registered, CancellationToken cancellationToken)
    {
        try
        {
            var response = await _provisioning!.ApplyAsync(registered, cancellationToken);
            _isFinished = true;
            return response;
        }
        catch (CdfException e) when (e.IsOfTheRow)
        {
            await _device!.UndoAsync(registered, e);
            throw;
        }
    }

    /// <summary>The line of a key file for the device as it was registered; null if no key was made for it.</summary>
    public byte[]? KeyLineOf(ProvisionResponse registered)
    {
        if (KnownKeyLine is not null && !_isFinished)
            return KnownKeyLine;
        if (_isFinished && FiledKey is { Key: { } filed, Certificate: { } certificate })
            return new KeyLine(Number, ThingName, certificate.Id, certificate.Pem, filed).Encode();
        return registered is { PrivateKey: { } key, CertificateId: { } id, CertificatePem: { } pem } ? new KeyLine(Number, ThingName, id, pem, key).Encode() : null;
    }

    /// <summary>Gives up the place of the key of a device that is registered: it is in the key file now.</summary>
    public void Drop() => _place?.Drop();

    /// <summary>Keeps the key of the device, which is registered now, in its place for good.</summary>
    public void Keep()
    {
        _place?.Keep();
        if (_isFinished)
            _place?.KeepLeft();
    }

    /// <summary>Gives up the place of a device that is not going to be registered.</summary>
    public void Discard() => _place?.GiveBack();
}
