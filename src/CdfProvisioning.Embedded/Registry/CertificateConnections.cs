using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>When devices last connected with their certificates.</summary>
internal static class CertificateConnections
{
    public const string Create = """
        CREATE TABLE certificate_connection (
            fingerprint BLOB PRIMARY KEY,
            last_connected_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        """;

    /// <summary>Notes them; of a certificate that is not registered (any more), nothing.</summary>
    public static int Write(Scope scope, IReadOnlyDictionary<string, DateTimeOffset> connected) => connected.Sum(certificate => scope.Session.Execute(
        """
        INSERT INTO certificate_connection SELECT fingerprint, $2 FROM certificate WHERE fingerprint = $1
        ON CONFLICT (fingerprint) DO UPDATE SET last_connected_at = max(last_connected_at, excluded.last_connected_at)
        """,
        Convert.FromHexString(certificate.Key), certificate.Value));

    public static DateTimeOffset? Find(Session session, string certificateId) => session.Single(
        "SELECT last_connected_at FROM certificate_connection WHERE fingerprint = $1", row => row.TimeOrNull(0), Convert.FromHexString(certificateId));

    public static void Delete(Session session, byte[] fingerprint) => session.Execute("DELETE FROM certificate_connection WHERE fingerprint = $1", fingerprint);
}
