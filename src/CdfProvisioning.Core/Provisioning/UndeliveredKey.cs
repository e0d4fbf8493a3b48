using CdfProvisioning.Iot;
using CdfProvisioning.Keys;

namespace CdfProvisioning.Provisioning;

/// <summary>The place of a key that is to be handed out.</summary>
/// <param name="keys">Where the slot comes from, and goes back to.</param>
/// <param name="slot">The file.</param>
/// <param name="thingName">The thing; null if its name is not known yet.</param>
internal sealed class UndeliveredKey(UndeliveredKeys keys, KeySlot slot, string? thingName) : IKeyPlace
{
    private string? _key;
    private string? _certificate;
    private bool _isSettled;

    /// <inheritdoc/>
    public string File => slot.File;

    /// <inheritdoc/>
    public void TryTake(string key, string? certificatePem)
    {
        try
        {
            Write(key, certificatePem);
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.Unavailable)
        {
            slot.TryClear();
        }
    }

    /// <inheritdoc/>
    public ValueTask TakeAsync(IDeviceRegistry registry, string key, string? certificatePem, CancellationToken cancellationToken)
    {
        Write(key, certificatePem);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Keep()
    {
        if (!_isSettled && _key is not null)
            slot.KeepAs(KeyDirectory.UniqueNameOf(thingName), _key.Length + (_certificate?.Length ?? 0));
        _isSettled = true;
    }

    /// <inheritdoc/>
    public void GiveBack()
    {
        if (!_isSettled)
            keys.Return(slot);
        _isSettled = true;
    }

    private void Write(string key, string? certificatePem)
    {
        if (_key == key && (certificatePem is null || _certificate is not null))
            return;
        if (_key is not null && _key != key)
            slot.TryClear();
        slot.Write(key, certificatePem);
        (_key, _certificate) = (key, certificatePem);
    }
}
