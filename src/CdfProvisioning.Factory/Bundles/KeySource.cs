using CdfProvisioning.Factory.Manifests;
using CdfProvisioning.Keys;

namespace CdfProvisioning.Factory.Bundles;

/// <summary>Devices whose keys are in a folder, a file each, or are lines of one file.</summary>
internal static class KeySource
{
    /// <summary>The device's file in a folder; null if there is none.</summary>
    /// <exception cref="CdfException">Conflict: the file is not one of ours, or no device has its key yet.</exception>
    public static BundleDevice? Find(KeyDirectory folder, string thingName)
    {
        if (folder.Read(thingName) is not { } there)
            return null;
        if (there.Owner is not null || there is not { Key: { } key, Certificate: { } certificate })
            throw CdfErrorCode.Conflict.Error($"'{folder.FileOf(thingName)}': no device has this key yet: its registration has not ended. Wait for its end, or resume or stop its list.");
        return new(thingName, certificate, CertificateChain.FromText(there.Text).IssuersPem, key);
    }

    /// <summary>A line of a key file; a device of no name of its own is called by its certificate's id.</summary>
    /// <param name="line">The line.</param>
    /// <param name="thingName">What the device is called, if not as the line says.</param>
    /// <param name="chainPem">The certificate's issuers, if not those of the line.</param>
    public static BundleDevice Of(KeyLine line, string? thingName = null, string? chainPem = null)
    {
        var (certificate, chain) = CertificateChain.FromText(line.CertificatePem);
        return new(thingName ?? line.Thing ?? certificate.Id, certificate, chainPem ?? string.Concat(chain.Select(issuer => issuer.Pem)), line.PrivateKeyPem);
    }
}
