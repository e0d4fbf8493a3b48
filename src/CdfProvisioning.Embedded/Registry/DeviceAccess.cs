using System.Globalization;
using System.Text;
using CdfProvisioning.Certificates;
using CdfProvisioning.Devices;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>What the registry knows of devices that connect.</summary>
internal static class DeviceAccess
{
    /// <returns>Null if the certificate is not registered.</returns>
    public static DeviceIdentity? Find(Scope scope, string certificateId) =>
        TransactionRegistry.Completed(DeviceIdentity.FindAsync(new TransactionRegistry(scope), certificateId, CancellationToken.None));

    /// <summary>A text that changes whenever something changes that a device's permissions come from; null if its certificate is gone.</summary>
    public static string? StampOf(Scope scope, byte[] fingerprint)
    {
        var (key, certificate) = scope.Session.Single(
            "SELECT id, status, customer_version FROM certificate WHERE fingerprint = $1", row => (row.Int64(0), $"{row.Text(1)} {row.Int64(2)}"), fingerprint);
        if (certificate is null)
            return null;
        var stamp = new StringBuilder(certificate);
        foreach (var policy in scope.Session.Query(
            $"SELECT id, default_version, modified_at FROM policy WHERE id IN ({PolicyTargets.OfCertificate}) ORDER BY id",
            row => (row.Int64(0), row.Int64(1), row.Int64(2)), key))
            stamp.Append(CultureInfo.InvariantCulture, $"|{policy}");
        foreach (var thing in scope.Session.Query(
            "SELECT thing.id, thing.version, exclusive FROM thing_principal JOIN thing ON thing.id = thing_id WHERE certificate_id = $1 ORDER BY thing_id",
            row => (row.Int64(0), row.Int64(1), row.Boolean(2)), key))
            stamp.Append(CultureInfo.InvariantCulture, $"/{thing}");
        return stamp.ToString();
    }

    /// <summary>The registered CA that signed a certificate and lets such certificates register themselves; null if there is none, or there are several.</summary>
    public static StoredCa? AutoRegisteringIssuerOf(Scope scope, ParsedCertificate certificate) =>
        CaCertificates.IssuersOf(scope, certificate).Where(ca => ca is { Status: Iot.CertificateStatus.Active, AutoRegistrationStatus: CaCertificates.Enabled }).ToList() is [var only] ? only : null;
}
