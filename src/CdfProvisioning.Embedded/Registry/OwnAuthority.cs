using CdfProvisioning.Certificates;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>
/// The registry's own CA, in the place of AWS's: made when first needed. Its certificate is in the registry, its key with
/// those of other CAs, and no operation lists it. AWS's has an RSA key; one with an EC key signs in a tenth of the time.
/// </summary>
internal sealed class OwnAuthority(Database database, ICaKeyStore keys, KeyAlgorithm algorithm)
{
    /// <summary>The one with a P-256 key was there first.</summary>
    private readonly string _setting = algorithm == KeyAlgorithm.P256 ? "own_authority" : $"own_authority_{algorithm}";

    private readonly SignerCache _signers = new((setting, token) => LoadAsync(database, keys, algorithm, setting, token));

    public ValueTask<CertificateSigner> GetAsync(CancellationToken cancellationToken) => _signers.GetAsync(_setting, cancellationToken);

    private static async ValueTask<CertificateSigner> LoadAsync(
        Database database, ICaKeyStore keys, KeyAlgorithm algorithm, string setting, CancellationToken cancellationToken)
    {
        var pem = await database.ReadAsync(session => Settings.Find(session, setting), cancellationToken)
            ?? await CreateAsync(database, keys, algorithm, setting, cancellationToken);
        var caId = ParsedCertificate.FromPem(pem, "The certificate of the registry's own CA").Id;
        var key = await keys.FindAsync(caId, cancellationToken) ?? throw CdfErrorCode.Unavailable.Error($"The private key of the registry's own CA ({caId}) is gone, so no certificate can be made: restore it from a backup.");
        return CertificateSigner.Load(pem, key, password: null);
    }

    /// <returns>The certificate of the CA that there is then: another process may have been faster.</returns>
    private static async ValueTask<string> CreateAsync(
        Database database, ICaKeyStore keys, KeyAlgorithm algorithm, string setting, CancellationToken cancellationToken)
    {
        var (certificate, key) = AwsCertificates.CreateAuthority(algorithm);
        await keys.PutAsync(certificate.Id, key.PrivateKeyPem, cancellationToken);
        var kept = await database.WriteAsync(session => Settings.GetOrAdd(session, setting, certificate.Pem), cancellationToken);
        if (kept != certificate.Pem)
            await keys.RemoveAsync(certificate.Id, cancellationToken);
        return kept;
    }
}
