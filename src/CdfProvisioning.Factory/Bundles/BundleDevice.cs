namespace CdfProvisioning.Factory.Bundles;

/// <summary>A device whose bundle is made.</summary>
/// <param name="ThingName">The thing's name; where there is no thing yet, the certificate's common name.</param>
/// <param name="CertificatePem">Its certificate.</param>
/// <param name="ChainPem">The certificate's issuers, nearest first; empty if they are not known.</param>
/// <param name="PrivateKeyPem">Its private key, PKCS#8; null where the device has it itself.</param>
internal sealed record BundleDevice(string ThingName, string CertificatePem, string ChainPem, string? PrivateKeyPem)
{
    /// <summary>Leaves the key out, which a record would show.</summary>
    public override string ToString() => ThingName;
}
