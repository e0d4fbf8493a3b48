using System.Formats.Asn1;
using System.Security.Cryptography;

namespace CdfProvisioning.Certificates;

/// <summary>A SubjectPublicKeyInfo. Keep it to check many signatures: its imported key objects stay with it.</summary>
internal sealed class PublicKey
{
    private readonly ReadOnlyMemory<byte> _bits;
    private KeyObjects? _keys;

    private PublicKey(ReadOnlyMemory<byte> der, KeyAlgorithm algorithm, ReadOnlyMemory<byte> bits)
    {
        Der = der;
        Algorithm = algorithm;
        _bits = bits;
    }

    public ReadOnlyMemory<byte> Der { get; }

    public KeyAlgorithm Algorithm { get; }

    /// <summary>The key identifier of RFC 5280, section 4.2.1.2, method (1).</summary>
#pragma warning disable CA5350 // The RFC defines it as SHA-1; it tells keys apart and secures nothing.
    public byte[] Identifier => SHA1.HashData(_bits.Span);
#pragma warning restore CA5350

    private KeyObjects Keys => _keys ??= new KeyObjects(Import);

    /// <exception cref="AsnContentException">The bytes are not a SubjectPublicKeyInfo.</exception>
    public static PublicKey Read(ReadOnlyMemory<byte> der)
    {
        var outer = new AsnReader(der, AsnEncodingRules.DER);
        var reader = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        var identifier = reader.ReadSequence();
        if (!reader.TryReadPrimitiveBitString(out var unusedBits, out var bits) || unusedBits != 0)
            throw new AsnContentException("its public key is not a whole number of bytes");
        reader.ThrowIfNotEmpty();

        var algorithm = identifier.ReadObjectIdentifier() switch
        {
            Oids.RsaEncryption => KeyAlgorithm.Rsa,
            Oids.EcPublicKey when identifier.HasData && identifier.PeekTag() == Asn1Tag.ObjectIdentifier => identifier.ReadObjectIdentifier() switch
            {
                Oids.P256 => KeyAlgorithm.P256,
                Oids.P384 => KeyAlgorithm.P384,
                Oids.P521 => KeyAlgorithm.P521,
                _ => KeyAlgorithm.Unsupported,
            },
            _ => KeyAlgorithm.Unsupported,
        };
        return new PublicKey(der, algorithm, bits);
    }

    /// <summary>What keeps AWS IoT from accepting a device's key; null where nothing does.</summary>
    public string? FindWeakness()
    {
        if (Algorithm == KeyAlgorithm.Unsupported)
            return "its key is of a type AWS IoT does not accept; use RSA of 2,048 bits or more, or an EC key on P-256, P-384 or P-521";
        try
        {
            var key = Keys.Borrow();
            Keys.Return(key);
            return Algorithm == KeyAlgorithm.Rsa && key.KeySize < 2048 ? $"its RSA key has {key.KeySize} bits; AWS IoT requires 2,048 or more" : null;
        }
        catch (CryptographicException)
        {
            return "its public key is damaged";
        }
    }

    /// <param name="signed">What was signed, and how.</param>
    /// <param name="acceptsSha1">Whether a signature with SHA-1 will do.</param>
    /// <exception cref="UnsupportedAlgorithmException">The signature's algorithm is not supported.</exception>
    /// <exception cref="CryptographicException">This public key is damaged.</exception>
    public bool Verifies(SignedObject signed, bool acceptsSha1 = false)
    {
        var algorithm = SignatureAlgorithm.Read(signed.AlgorithmIdentifier, acceptsSha1);
        if (Algorithm == KeyAlgorithm.Unsupported || algorithm.Padding is null == (Algorithm == KeyAlgorithm.Rsa))
            return false;

        var key = Keys.Borrow();
        try
        {
            return key is RSA rsa
                ? rsa.VerifyData(signed.Content.Span, signed.Signature.Span, algorithm.Hash, algorithm.Padding!)
                : ((ECDsa)key).VerifyData(signed.Content.Span, signed.Signature.Span, algorithm.Hash, DSASignatureFormat.Rfc3279DerSequence);
        }
        finally
        {
            Keys.Return(key);
        }
    }

    private AsymmetricAlgorithm Import()
    {
        AsymmetricAlgorithm key = Algorithm == KeyAlgorithm.Rsa ? RSA.Create() : ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Der.Span, out _);
        return key;
    }
}
