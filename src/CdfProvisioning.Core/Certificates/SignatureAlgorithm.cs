using System.Formats.Asn1;
using System.Security.Cryptography;

namespace CdfProvisioning.Certificates;

/// <summary>How a certificate or a CSR is signed: one of the algorithms that AWS IoT accepts, save DSA.</summary>
/// <param name="Hash">What is signed is the content's hash by this.</param>
/// <param name="Padding">For an RSA key; null for an elliptic curve.</param>
internal sealed record SignatureAlgorithm(HashAlgorithmName Hash, RSASignaturePadding? Padding)
{
    /// <param name="algorithmIdentifier">Encoded.</param>
    /// <param name="acceptsSha1">Whether SHA-1 will do.</param>
    /// <exception cref="UnsupportedAlgorithmException">The algorithm is not supported.</exception>
    /// <exception cref="AsnContentException">The bytes are not an AlgorithmIdentifier.</exception>
    public static SignatureAlgorithm Read(ReadOnlyMemory<byte> algorithmIdentifier, bool acceptsSha1 = false)
    {
        var reader = new AsnReader(algorithmIdentifier, AsnEncodingRules.DER).ReadSequence();
        var oid = reader.ReadObjectIdentifier();
        if (oid == Oids.RsaPss)
            return ReadPss(reader);

        SignatureAlgorithm algorithm = oid switch
        {
            Oids.RsaSha1 when acceptsSha1 => new(HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1),
            Oids.EcdsaSha1 when acceptsSha1 => new(HashAlgorithmName.SHA1, null),
            Oids.EcdsaSha256 => new(HashAlgorithmName.SHA256, null),
            Oids.EcdsaSha384 => new(HashAlgorithmName.SHA384, null),
            Oids.EcdsaSha512 => new(HashAlgorithmName.SHA512, null),
            Oids.RsaSha256 => new(HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            Oids.RsaSha384 => new(HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1),
            Oids.RsaSha512 => new(HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
            _ => throw Unsupported(oid),
        };
        if (reader.HasData)
            reader.ReadNull();
        reader.ThrowIfNotEmpty();
        return algorithm;
    }

    /// <summary>RSASSA-PSS-params (RFC 4055): the hash, MGF1 with the same hash, and a salt as long as the hash.</summary>
    private static SignatureAlgorithm ReadPss(AsnReader reader)
    {
        var parameters = reader.ReadSequence();
        var hashOid = ReadTagged(parameters, 0)?.ReadSequence().ReadObjectIdentifier();
        var (hash, length) = hashOid switch
        {
            Oids.Sha256 => (HashAlgorithmName.SHA256, 32),
            Oids.Sha384 => (HashAlgorithmName.SHA384, 48),
            Oids.Sha512 => (HashAlgorithmName.SHA512, 64),
            _ => throw Unsupported($"RSA-PSS with hash {hashOid ?? "SHA-1"}"),
        };

        var mask = ReadTagged(parameters, 1)?.ReadSequence();
        if (mask?.ReadObjectIdentifier() != Oids.Mgf1 || mask.ReadSequence().ReadObjectIdentifier() != hashOid)
            throw Unsupported("RSA-PSS whose mask is not MGF1 with the hash of the signature");

        var salt = ReadTagged(parameters, 2)?.ReadInteger() ?? 20;
        return salt == length
            ? new(hash, RSASignaturePadding.Pss)
            : throw Unsupported($"RSA-PSS with a salt of {salt} bytes and not the hash's {length}");
    }

    private static AsnReader? ReadTagged(AsnReader reader, int number)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, number, isConstructed: true);
        return reader.HasData && reader.PeekTag() == tag ? reader.ReadSequence(tag) : null;
    }

    private static UnsupportedAlgorithmException Unsupported(string algorithm) =>
        new($"the signature algorithm {algorithm} is not supported; sign with RSA or ECDSA and SHA-256, SHA-384 or SHA-512");
}

/// <summary>What was read is whole, and signed with an algorithm that is not supported.</summary>
internal sealed class UnsupportedAlgorithmException(string message) : AsnContentException(message);
