using System.Security.Cryptography;

namespace CdfProvisioning.Certificates;

/// <summary>A CA's private key that is here.</summary>
internal sealed class HeldKey : SigningKey
{
    private const int MaxHashLength = SHA512.HashSizeInBytes;

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
                : Sign((ECDsa)key, content);
        }
        finally
        {
            _keys.Return(key);
        }
    }

    /// <summary>As certificates have it (RFC 3279, section 2.2.3), from the two numbers that .NET deals in: asked for this form, it makes a writer a signature.</summary>
    private byte[] Sign(ECDsa key, ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[MaxHashLength];
        hash = hash[..CryptographicOperations.HashData(Hash, content, hash)];
        const DSASignatureFormat TwoNumbers = DSASignatureFormat.IeeeP1363FixedFieldConcatenation;
        Span<byte> signature = stackalloc byte[key.GetMaxSignatureSize(TwoNumbers)];
        if (!key.TrySignHash(hash, signature, TwoNumbers, out var length))
            throw new CryptographicException("The signature is longer than a signature by such a key can be.");

        var writer = DerWriter.Begin();
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(signature[..(length / 2)].TrimStart((byte)0));
            writer.WriteIntegerUnsigned(signature[(length / 2)..length].TrimStart((byte)0));
        }

        return writer.Encode();
    }

    private static AsymmetricAlgorithm Create(KeyAlgorithm algorithm) => algorithm == KeyAlgorithm.Rsa ? RSA.Create() : ECDsa.Create();
}
