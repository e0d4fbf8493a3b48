using CdfProvisioning.Certificates;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>
/// The registry's own CA, in the place of AWS's: made when first needed. Its certificate is in the registry, its key with
/// those of other CAs, and no operation lists it.
/// </summary>
internal sealed class OwnAuthority(Database database, ICaKeyStore keys)
{
    private const string Setting = "own_authority";

    private readonly SignerCache _signers = new((_, token) => LoadAsync(database, keys, token));

    public ValueTask<CertificateSigner> GetAsync(CancellationToken cancellationToken) => _signers.GetAsync(Setting, cancellationToken);

    private static async ValueTask<CertificateSigner> LoadAsync(Database database, ICaKeyStore keys, CancellationToken cancellationToken)
    {
        var pem = await database.ReadAsync(session => Settings.Find(session, Setting), cancellationToken)
            ?? await CreateAsync(database, keys, cancellationToken);
        var caId = ParsedCertificate.FromPem(pem, "The certificate of the registry's own CA").Id;
        var key = await keys.FindAsync(caId, cancellationToken) ?? throw new CdfException(
            CdfErrorCode.Unavailable, $"The private key of the registry's own CA ({caId}) is gone, so no certificate can be made: restore it from a backup.");
        return CertificateSigner.Load(pem, key, password: null);
    }

    /// <returns>The certificate of the CA that there is then: another process may have been faster.</returns>
    private static async ValueTask<string> CreateAsync(Database database, ICaKeyStore keys, CancellationToken cancellationToken)
    {
        var (certificate, key) = AwsCertificates.CreateAuthority();
        await keys.PutAsync(certificate.Id, key.PrivateKeyPem, cancellationToken);
        var kept = await database.WriteAsync(session => Settings.GetOrAdd(session, Setting, certificate.Pem), cancellationToken);
        if (kept != certificate.Pem)
            await keys.RemoveAsync(certificate.Id, cancellationToken);
        return kept;
    }
}
