using CdfProvisioning.Iot;
using CdfProvisioning.Keys;

namespace CdfProvisioning.Provisioning;

/// <summary>A device's place in a folder of keys.</summary>
/// <param name="keys">The folder.</param>
/// <param name="name">The thing's name, or what stands for it.</param>
internal sealed class KeyPlace(KeyDirectory keys, string name) : IKeyPlace
{
    private string? _key;
    private string? _certificate;

    /// <inheritdoc/>
    public string File => keys.FileOf(name);

    /// <inheritdoc/>
    public void TryTake(string key, string? certificatePem)
    {
        try
        {
            if (keys.TryAdd(name, key, certificatePem))
                (_key, _certificate) = (key, certificatePem);
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.Unavailable)
        {
        }
    }

    /// <inheritdoc/>
    public async ValueTask TakeAsync(IDeviceRegistry registry, string key, string? certificatePem, CancellationToken cancellationToken)
    {
        if (_key == key && !keys.IsCeded(name, key))
        {
            Complete(certificatePem);
            return;
        }

        GiveBack();
        while (!keys.TryAdd(name, key, certificatePem))
        {
            if (keys.Read(name) is not { } there)
                continue;
            if (await RefusalAsync(registry, there, cancellationToken) is { } refusal)
                throw refusal;
            if (keys.TryReplace(name, there, key, certificatePem))
                break;
            await Task.Yield();
        }

        (_key, _certificate) = (key, certificatePem);
    }

    /// <inheritdoc/>
    public void Keep()
    {
        if (_key is { } key)
            keys.Keep(name, key.Length + (_certificate?.Length ?? 0));
        _key = null;
    }

    /// <summary>Empties the place, which was this owner's or one's who lives no more: the key is elsewhere now.</summary>
    public void Drop()
    {
        if (FindOwn() is { } there)
            keys.Remove(name, there);
        _key = null;
    }

    /// <inheritdoc/>
    public void GiveBack()
    {
        if (_key is not null && keys.Read(name) is { } there && there.Key == _key && keys.IsMine(there))
            keys.Remove(name, there);
        _key = null;
    }

    /// <summary>The key that this owner has put there, or one for this registry that lives no more.</summary>
    public FiledKey? FindOwn() => keys.Read(name) is { } there && (keys.IsMine(there) || IsLeft(there)) ? there : null;

    /// <summary>Keeps the place for good that an owner who lives no more had taken for a device that is registered.</summary>
    public void KeepLeft()
    {
        if (keys.Read(name) is { Certificate: not null } there && IsLeft(there))
            keys.Keep(name, there.Length);
    }

    /// <summary>Why the place cannot be had, as far as can be told before it is taken; null if it can.</summary>
    public async ValueTask<CdfException?> FindRefusalAsync(IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        try
        {
            return keys.Read(name) is { } there ? await RefusalAsync(registry, there, cancellationToken) : null;
        }
        catch (CdfException e)
        {
            return e;
        }
    }

    /// <summary>Ends what an interrupted registration has left: the file of a device that is registered is kept, that of another goes.</summary>
    public async ValueTask SettleLeftAsync(IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        if (keys.Read(name) is not { } left || !IsLeft(left))
            return;
        if (await FindRegisteredAsync(registry, left, cancellationToken) is null)
            keys.Remove(name, left);
        else if (left.Certificate is not null)
            keys.Keep(name, left.Length);
    }

    private bool IsLeft(FiledKey there) => there.Owner is not null && !keys.IsUnderWay(there) && keys.IsOfThisRegistry(there);

    private void Complete(string? certificatePem)
    {
        if (certificatePem is null || _certificate is not null)
            return;
        keys.Complete(name, _key!, certificatePem);
        _certificate = certificatePem;
    }

    private async ValueTask<CdfException?> RefusalAsync(IDeviceRegistry registry, FiledKey there, CancellationToken cancellationToken)
    {
        if (there.Text.Length == 0)
            return null;
        // Rows are prepared side by side and applied in their order: what another row of this list holds here, a later one does.
        if (keys.IsMine(there) && registry is ITransactionRegistry)
            return null;
        if (there.IsWaiting)
            return Refusal("waits for the certificate of its signing request: import that (Import-CdfCertificate -KeyDirectory), move the file away");
        if (keys.IsUnderWay(there))
            return Refusal("is being written by another registration of it, which is under way: wait for its end");
        if (there.Owner is not null && !keys.IsOfThisRegistry(there))
            return Refusal("was left by an interrupted registration of it in another registry: resume or stop that, move the file away");
        if (await FindRegisteredAsync(registry, there, cancellationToken) is { } id)
            return Refusal($"belongs to the registered certificate {id}. Move it away");
        return there.Owner is not null || keys.IsOfThisRegistry(there)
            ? null
            : Refusal($"has the key of certificate {there.Certificate?.Id}, which may be another registry's, since its keys are here too. Move it away");
    }

    /// <summary>The id of the certificate whose key stands there, if the registry has it.</summary>
    private static async ValueTask<string?> FindRegisteredAsync(IDeviceRegistry registry, FiledKey there, CancellationToken cancellationToken)
    {
        if (there.Certificate is { Id: var id })
            return await registry.FindCertificateAsync(id, cancellationToken) is null ? null : id;
        return there.KeyIdentifier is { } identifier ? await new CertificateSearch(registry).FindIdAsync(identifier, there.WrittenAt, cancellationToken) : null;
    }

    private CdfException Refusal(string why) =>
        CdfErrorCode.Conflict.Error($"The key file '{File}' of thing '{name}' {why}, or name another key folder.");
}
