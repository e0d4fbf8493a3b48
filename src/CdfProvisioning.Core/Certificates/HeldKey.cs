using System.Security.Cryptography;

namespace CdfProvisioning.Certificates;

/// <summary>A CA's private key that is here.</summary>
internal sealed class HeldKey : SigningKey
{
    private readonly KeyObjects _keys;

    private HeldKey(AsymmetricAlgorithm key, KeyAlgorithm algorithm)
        : base(algorithm)
    {
        var pkcs8 = key.ExportPkcs8PrivateKey();
        _keys = new KeyObjects(() =>
        {
            var copy = Create(algorithm);
            copy.ImportPkcs8PrivateKey(pkcs8, out _);
            return copy;
        });
        _keys.Return(key);
    }

    /// <summary>Reads a PKCS#8, encrypted PKCS#8, SEC 1 (EC) or PKCS#1 (RSA) key.</summary>
    /// <exception cref="CryptographicException">The key is damaged, of another algorithm, or the password is wrong.</exception>
    /// <exception cref="ArgumentException">There is not exactly one key of a known form.</exception>
    public static HeldKey FromPem(string pem, string? password, KeyAlgorithm algorithm)
    {
        var key = Create(algorithm);
        if (password is not null && pem.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal))
            key.ImportFromEncryptedPem(pem, password);
        else
            key.ImportFromPem(pem);
        return new HeldKey(key, algorithm);
    }

    public override string Export()
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

    public override byte[] Sign(ReadOnlySpan<byte> content)
    {
        var key = _keys.Borrow();
        try
        {
            return key is RSA rsa
                ? rsa.SignData(content, Hash, RSASignaturePadding.Pkcs1)
                : ((ECDsa)key).SignData(content, Hash, DSASignatureFormat.Rfc3279DerSequence);
        }
        finally
        {
            _keys.Return(key);
        }
    }

    private static AsymmetricAlgorithm Create(KeyAlgorithm algorithm) => algorithm == KeyAlgorithm.Rsa ? RSA.Create() : ECDsa.Create();
}
