namespace CdfProvisioning.Certificates;

/// <summary>Where the private keys of certificate authorities are kept, or the URIs of keys that are elsewhere (the original service: SSM parameters <c>cdf-ca-key-&lt;caId&gt;</c>).</summary>
internal interface ICaKeyStore
{
    /// <summary>The CA's private key as PEM or its URI, or null where the store has none.</summary>
    ValueTask<string?> FindAsync(string caId, CancellationToken cancellationToken);

    ValueTask PutAsync(string caId, string key, CancellationToken cancellationToken);

    ValueTask RemoveAsync(string caId, CancellationToken cancellationToken);
}
