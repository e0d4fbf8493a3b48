using CdfProvisioning.Certificates;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>
/// The root of the certificates with which servers show themselves to devices, in the place of Amazon's: made when first
/// needed. Its certificate is in the registry, its key with those of CAs, and no operation lists it.
/// </summary>
internal static class ServerRoot
{
    private const string Setting = "server_root";

    private static readonly TimeSpan Validity = TimeSpan.FromDays(20 * 365);

    public static async ValueTask<CertificateSigner> GetAsync(Database database, ICaKeyStore keys, CancellationToken cancellationToken)
    {
        var pem = await database.ReadAsync(session => Settings.Find(session, Setting), cancellationToken) ?? await CreateAsync(database, keys, cancellationToken);
        var id = ParsedCertificate.FromPem(pem, "The root of the server's certificates").Id;
        var key = await keys.FindAsync(id, cancellationToken) ?? throw CdfErrorCode.Unavailable.Error($"The private key of the root of the server's certificates ({id}) is gone: restore it from a backup.");
        return CertificateSigner.Load(pem, key, password: null);
    }

    /// <returns>The certificate that there is then: another process may have been faster.</returns>
    private static async ValueTask<string> CreateAsync(Database database, ICaKeyStore keys, CancellationToken cancellationToken)
    {
        var (certificate, key) = CertificateAuthorities.CreateRoot(new SubjectFields("CdfProvisioning Root CA").ToName(), Validity);
        await keys.PutAsync(certificate.Id, key.PrivateKeyPem, cancellationToken);
        var kept = await database.WriteAsync(session => Settings.GetOrAdd(session, Setting, certificate.Pem), cancellationToken);
        if (kept != certificate.Pem)
            await keys.RemoveAsync(certificate.Id, cancellationToken);
        return kept;
    }
}
