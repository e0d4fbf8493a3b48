using System.Security;
using CdfProvisioning.Aws;
using CdfProvisioning.Aws.Certificates;
using CdfProvisioning.Aws.Credentials;
using CdfProvisioning.Certificates;
using CdfProvisioning.Pkcs11;

namespace CdfProvisioning.PowerShell;

/// <summary>Where the keys of CAs can be elsewhere. The libraries of these places are loaded with the first key.</summary>
internal static class KeyHolders
{
    public static IKeyHolder Tokens(SecureString? pin) => new Pkcs11KeyHolder(pin);

    /// <summary>For the embedded registry, which has no credentials of AWS: KMS gets those that the SDK finds.</summary>
    public static IReadOnlyList<IKeyHolder> Embedded(SecureString? pin) =>
        [Tokens(pin), new KmsKeyHolder(token => new AwsCredentialSource(new AwsBackendOptions(JournalFolder: "")).ResolveAsync(token))];
}
