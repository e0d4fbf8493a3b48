using System.Security.Cryptography;

namespace CdfProvisioning.Certificates;

/// <summary>A CA's private key: one that is here, or one that signs elsewhere. Thread-safe.</summary>
internal abstract class SigningKey
{
    private static readonly byte[] EcdsaSha256 = Convert.FromHexString("300A06082A8648CE3D040302");
    private static readonly byte[] EcdsaSha384 = Convert.FromHexString("300A06082A8648CE3D040303");
    private static readonly byte[] EcdsaSha512 = Convert.FromHexString("300A06082A8648CE3D040304");
    private static readonly byte[] RsaSha256 = Convert.FromHexString("300D06092A864886F70D01010B0500");

    private protected SigningKey(KeyAlgorithm algorithm) => (AlgorithmIdentifier, Hash) = algorithm switch
    {
        KeyAlgorithm.P256 => (EcdsaSha256, HashAlgorithmName.SHA256),
        KeyAlgorithm.P384 => (EcdsaSha384, HashAlgorithmName.SHA384),
        KeyAlgorithm.P521 => (EcdsaSha512, HashAlgorithmName.SHA512),
        _ => (RsaSha256, HashAlgorithmName.SHA256),
    };

    /// <summary>How it signs, encoded.</summary>
    public byte[] AlgorithmIdentifier { get; }

    protected HashAlgorithmName Hash { get; }

    public abstract byte[] Sign(ReadOnlySpan<byte> content);

    /// <summary>What a <see cref="ICaKeyStore"/> keeps: the key as unencrypted PKCS#8, or the URI of where it is.</summary>
    public abstract string Export();
}
