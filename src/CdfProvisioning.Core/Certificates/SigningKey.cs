using System.Security.Cryptography;

namespace CdfProvisioning.Certificates;

/// <summary>A CA's private key. Thread-safe.</summary>
internal sealed class SigningKey
{
    private static readonly byte[] EcdsaSha256 = Convert.FromHexString("300A06082A8648CE3D040302");
    private static readonly byte[] EcdsaSha384 = Convert.FromHexString("300A06082A8648CE3D040303");
    private static readonly byte[] EcdsaSha512 = Convert.FromHexString("300A06082A8648CE3D040304");
    private static readonly byte[] RsaSha256 = Convert.FromHexString("300D06092A864886F70D01010B0500");

    private readonly HashAlgorithmName _hash;
    private readonly KeyObjects _keys;

    private SigningKey(AsymmetricAlgorithm key, KeyAlgorithm algorithm)
    {
        (AlgorithmIdentifier, _hash) = algorithm switch
        {
            KeyAlgorithm.P256 => (EcdsaSha256, HashAlgorithmName.SHA256),
            KeyAlgorithm.P384 => (EcdsaSha384, HashAlgorithmName.SHA384),
            KeyAlgorithm.P521 => (EcdsaSha512, HashAlgorithmName.SHA512),
            _ => (RsaSha256, HashAlgorithmName.SHA256),
        };

        var pkcs8 = key.ExportPkcs8PrivateKey();
        _keys = new KeyObjects(() =>
        {
            var copy = Create(algorithm);
            copy.ImportPkcs8PrivateKey(pkcs8, out _);
            return copy;
        });
        _keys.Return(key);
    }

    /// <summary>How it signs, encoded.</summary>
    public byte[] AlgorithmIdentifier { get; }

    /// <summary>Reads a PKCS#8, encrypted PKCS#8, SEC 1 (EC) or PKCS#1 (RSA) key.</summary>
    /// <exception cref="CryptographicException">The key is damaged, of another algorithm, or the password is wrong.</exception>
    /// <exception cref="ArgumentException">There is not exactly one key of a known form.</exception>
    public static SigningKey FromPem(string pem, string? password, KeyAlgorithm algorithm)
    {
        var key = Create(algorithm);
        if (password is not null && pem.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal))
            key.ImportFromEncryptedPem(pem, password);
        else
            key.ImportFromPem(pem);
        return new SigningKey(key, algorithm);
    }

    /// <summary>The key as unencrypted PKCS#8, for a <see cref="ICaKeyStore"/>.</summary>
    public string ExportPem()
    {
        var key = _keys.Borrow();
        try
        {
            return key.ExportPkcs8PrivateKeyPem() + "\n";
        }
        finally
        {
            _keys.Return(key);
        }
    }

    public byte[] Sign(ReadOnlySpan<byte> content)
    {
        var key = _keys.Borrow();
        try
        {
            return key is RSA rsa
                ? rsa.SignData(content, _hash, RSASignaturePadding.Pkcs1)
                : ((ECDsa)key).SignData(content, _hash, DSASignatureFormat.Rfc3279DerSequence);
        }
        finally
        {
            _keys.Return(key);
        }
    }

    private static AsymmetricAlgorithm Create(KeyAlgorithm algorithm) => algorithm == KeyAlgorithm.Rsa ? RSA.Create() : ECDsa.Create();
}
