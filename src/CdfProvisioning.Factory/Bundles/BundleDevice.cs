using CdfProvisioning.Certificates;

namespace CdfProvisioning.Factory.Bundles;

/// <summary>A device whose bundle is made.</summary>
/// <param name="ThingName">The thing's name; where there is no thing yet, what the device is called.</param>
/// <param name="Certificate">Its certificate.</param>
/// <param name="ChainPem">The certificate's issuers, nearest first; empty if they are not known.</param>
/// <param name="PrivateKeyPem">Its private key, PKCS#8; null where the device has it itself.</param>
internal sealed record BundleDevice(string ThingName, ParsedCertificate Certificate, string ChainPem, string? PrivateKeyPem)
{
    /// <summary>Leaves the key out, which a record would show.</summary>
    public override string ToString() => ThingName;
}
