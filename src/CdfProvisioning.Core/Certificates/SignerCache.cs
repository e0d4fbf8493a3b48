using System.Collections.Concurrent;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Certificates;

/// <summary>CA id -> its signer, loaded once however many ask at the same time. A failure to load is not kept.</summary>
internal sealed class SignerCache(Func<string, CancellationToken, ValueTask<CertificateSigner>> load)
{
    /// <summary>More CAs than one installation uses at a time; when they are reached, all are loaded anew.</summary>
    private const int Limit = 64;

    private readonly ConcurrentDictionary<string, Lazy<Task<CertificateSigner>>> _signers = new(StringComparer.Ordinal);

    /// <summary>The registered CAs whose keys, or the URIs of whose keys, are in the key store.</summary>
    public static SignerCache Of(IDeviceRegistry registry, ICaKeyStore keys, RemoteKeys remoteKeys) => new(async (caId, cancellationToken) =>
    {
        var described = await registry.InvokeAsync(new DescribeCACertificateRequest(caId), cancellationToken);
        var key = await keys.FindAsync(caId, cancellationToken) ?? throw CdfErrorCode.NotFound.Error(
            $"The private key of CA {caId} is not here, so it cannot sign: New-CdfCertificateAuthority makes a CA with its key, or imports one.");
        var certificatePem = described.CertificateDescription!.CertificatePem!;
        return RemoteKeys.IsUri(key)
            ? CertificateSigner.Load(certificatePem, await remoteKeys.OpenAsync(key, pin: null, cancellationToken))
            : CertificateSigner.Load(certificatePem, key, password: null);
    });

    public async ValueTask<CertificateSigner> GetAsync(string caId, CancellationToken cancellationToken)
    {
        if (!_signers.TryGetValue(caId, out var signer))
        {
            if (_signers.Count >= Limit)
                _signers.Clear();
            signer = _signers.GetOrAdd(caId, id => new Lazy<Task<CertificateSigner>>(() => LoadAsync(id)));
        }

        try
        {
            return await signer.Value.WaitAsync(cancellationToken);
        }
        catch when (signer.Value.IsFaulted || signer.Value.IsCanceled)
        {
            _signers.TryRemove(KeyValuePair.Create(caId, signer));
            throw;
        }
    }

    /// <summary>So that the next use sees a changed key.</summary>
    public void Forget(string caId) => _signers.TryRemove(caId, out _);

    /// <summary>Not cancelled with the first who asks, for others may be waiting too.</summary>
    private async Task<CertificateSigner> LoadAsync(string caId) => await load(caId, CancellationToken.None);
}
