using System.Security.Cryptography;

namespace CdfProvisioning.Certificates;

/// <summary>A CA's private key that signs where nobody sees it: in a token, or in a key service.</summary>
/// <param name="uri">Where it is.</param>
/// <param name="name">What it is called there.</param>
/// <param name="publicKey">Its public key, of an algorithm that AWS IoT accepts.</param>
internal abstract class RemoteKey(string uri, string name, PublicKey publicKey) : SigningKey(publicKey.Algorithm), IDisposable
{
    public string Name => name;

    public PublicKey PublicKey => publicKey;

    public override byte[] Sign(ReadOnlySpan<byte> content) => SignHash(CryptographicOperations.HashData(Hash, content));

    public override string Export() => uri;

    public abstract void Dispose();

    /// <summary>Signs a hash: RSA with the padding of PKCS#1, an elliptic curve with the two numbers as a DER sequence.</summary>
    /// <exception cref="CdfException">It cannot be had at the moment, or may not be used.</exception>
    protected abstract byte[] SignHash(byte[] hash);
}
