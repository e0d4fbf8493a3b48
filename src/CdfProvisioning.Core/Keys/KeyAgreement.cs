using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CdfProvisioning.Keys;

/// <summary>
/// CMS EnvelopedData for the holder of an EC key (RFC 5652, RFC 5753): its AES-256 key is wrapped (RFC 3394) with one that ECDH and the
/// KDF of ANSI X9.63 with SHA-256 give. .NET's CMS has no key agreement to encrypt for, and that of BouncyCastle (2.7) derives another key
/// than its own message says, with the NULL that RFC 3565 forbids: openssl reads none of its messages.
/// </summary>
internal static class KeyAgreement
{
    private const string EnvelopedData = "1.2.840.113549.1.7.3";
    private const string Data = "1.2.840.113549.1.7.1";
    private const string EcPublicKey = "1.2.840.10045.2.1";
    private const string EcdhSha256 = "1.3.132.1.11.1";
    private const string Aes256Wrap = "2.16.840.1.101.3.4.1.45";
    private const string Aes256Cbc = "2.16.840.1.101.3.4.1.42";
    private const int KeyLength = 32;
    private const int WrapRounds = 6;

    private static readonly Asn1Tag Zero = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag One = new(TagClass.ContextSpecific, 1, isConstructed: true);
    private static readonly Asn1Tag Two = new(TagClass.ContextSpecific, 2, isConstructed: true);
    private static readonly Asn1Tag Content = new(TagClass.ContextSpecific, 0);

    /// <summary>A key of the recipient's curve is made for it, and used once.</summary>
    /// <exception cref="CryptographicException">The certificate has no EC key of a named curve.</exception>
    public static byte[] Encrypt(byte[] content, X509Certificate2 recipient)
    {
        using var theirs = ECDiffieHellman.Create(PublicPartOf(recipient));
        using var ephemeral = ECDiffieHellman.Create(theirs.ExportParameters(includePrivateParameters: false).Curve);
        var key = RandomNumberGenerator.GetBytes(KeyLength);
        using var aes = Aes.Create();
        aes.Key = key;
        var wrapped = Wrap(key, ephemeral.DeriveKeyFromHash(theirs.PublicKey, HashAlgorithmName.SHA256, secretPrepend: null, SharedInfo()));
        CryptographicOperations.ZeroMemory(key);

        var der = new AsnWriter(AsnEncodingRules.DER);
        using (der.PushSequence())
        {
            der.WriteObjectIdentifier(EnvelopedData);
            using (der.PushSequence(Zero))
            using (der.PushSequence())
            {
                der.WriteInteger(2);
                using (der.PushSetOf())
                    WriteRecipient(der, ephemeral.ExportSubjectPublicKeyInfo(), recipient, wrapped);
                using (der.PushSequence())
                {
                    der.WriteObjectIdentifier(Data);
                    using (der.PushSequence())
                    {
                        der.WriteObjectIdentifier(Aes256Cbc);
                        der.WriteOctetString(aes.IV);
                    }
                    der.WriteOctetString(aes.EncryptCbc(content, aes.IV), Content);
                }
            }
        }
        return der.Encode();
    }

    /// <exception cref="CryptographicException">It is for another, or the holder has no EC key.</exception>
    /// <exception cref="AsnContentException">It is no such message, or damaged.</exception>
    public static byte[] Decrypt(byte[] encrypted, X509Certificate2 holder)
    {
        using var ours = PrivatePartOf(holder);
        var message = new AsnReader(encrypted, AsnEncodingRules.BER).ReadSequence();
        message.ReadObjectIdentifier();
        var enveloped = message.ReadSequence(Zero).ReadSequence();
        enveloped.ReadInteger();
        var (theirs, wrapped) = ReadRecipient(enveloped.ReadSetOf());
        var content = enveloped.ReadSequence();
        content.ReadObjectIdentifier();
        var algorithm = content.ReadSequence();
        algorithm.ReadObjectIdentifier();
        var iv = algorithm.ReadOctetString();

        using var originator = ECDiffieHellman.Create(new ECParameters { Curve = ours.ExportParameters(includePrivateParameters: false).Curve, Q = PointOf(theirs) });
        using var aes = Aes.Create();
        aes.Key = Unwrap(wrapped, ours.DeriveKeyFromHash(originator.PublicKey, HashAlgorithmName.SHA256, secretPrepend: null, SharedInfo()));
        return aes.DecryptCbc(content.ReadOctetString(Content), iv);
    }

    private static void WriteRecipient(AsnWriter der, byte[] ephemeral, X509Certificate2 recipient, byte[] wrapped)
    {
        using (der.PushSequence(One))
        {
            der.WriteInteger(3);
            using (der.PushSequence(Zero))
            using (der.PushSequence(One))
            {
                using (der.PushSequence())
                    der.WriteObjectIdentifier(EcPublicKey);
                var key = new AsnReader(ephemeral, AsnEncodingRules.DER).ReadSequence();
                key.ReadSequence();
                der.WriteBitString(key.ReadBitString(out _));
            }
            using (der.PushSequence())
            {
                der.WriteObjectIdentifier(EcdhSha256);
                WriteWrap(der);
            }
            using (der.PushSequence())
            using (der.PushSequence())
            {
                using (der.PushSequence())
                {
                    der.WriteEncodedValue(recipient.IssuerName.RawData);
                    der.WriteInteger(recipient.SerialNumberBytes.Span);
                }
                der.WriteOctetString(wrapped);
            }
        }
    }

    private static (byte[] Point, byte[] Wrapped) ReadRecipient(AsnReader recipients)
    {
        var recipient = recipients.ReadSequence(One);
        recipient.ReadInteger();
        var originator = recipient.ReadSequence(Zero).ReadSequence(One);
        originator.ReadSequence();
        var point = originator.ReadBitString(out _);
        recipient.ReadSequence();
        var key = recipient.ReadSequence().ReadSequence();
        key.ReadSequence();
        return (point, key.ReadOctetString());
    }

    private static ECPoint PointOf(byte[] uncompressed) => uncompressed is [4, ..]
        ? new ECPoint { X = uncompressed[1..(uncompressed.Length / 2 + 1)], Y = uncompressed[(uncompressed.Length / 2 + 1)..] }
        : throw new CryptographicException("Its key is not for ECDH.");

    private static ECParameters PublicPartOf(X509Certificate2 certificate)
    {
        using var key = ECDiffieHellman.Create();
        key.ImportSubjectPublicKeyInfo(certificate.PublicKey.ExportSubjectPublicKeyInfo(), out _);
        return key.ExportParameters(includePrivateParameters: false);
    }

    /// <summary>Which of the two .NET gives depends on what the certificate says its key is for.</summary>
    private static ECDiffieHellman PrivatePartOf(X509Certificate2 holder)
    {
        using AsymmetricAlgorithm key = (AsymmetricAlgorithm?)holder.GetECDiffieHellmanPrivateKey() ?? holder.GetECDsaPrivateKey()
            ?? throw new CryptographicException("The certificate has no EC key.");
        var ours = ECDiffieHellman.Create();
        ours.ImportPkcs8PrivateKey(key.ExportPkcs8PrivateKey(), out _);
        return ours;
    }

    /// <summary>What the KDF hashes after the secret: its counter, and ECC-CMS-SharedInfo (RFC 5753, section 7.2). One round of SHA-256 is a whole key.</summary>
    private static byte[] SharedInfo()
    {
        var der = new AsnWriter(AsnEncodingRules.DER);
        using (der.PushSequence())
        {
            WriteWrap(der);
            using (der.PushSequence(Two))
                der.WriteOctetString([0, 0, KeyLength * 8 >> 8, KeyLength * 8 & 0xFF]);
        }
        return [0, 0, 0, 1, .. der.Encode()];
    }

    private static void WriteWrap(AsnWriter der)
    {
        using (der.PushSequence())
            der.WriteObjectIdentifier(Aes256Wrap);
    }

    /// <summary>RFC 3394, section 2.2.1.</summary>
    private static byte[] Wrap(byte[] key, byte[] with)
    {
        using var aes = Aes.Create();
        aes.Key = with;
        var blocks = key.Length / 8;
        byte[] wrapped = [0xA6, 0xA6, 0xA6, 0xA6, 0xA6, 0xA6, 0xA6, 0xA6, .. key];
        for (var step = 1; step <= WrapRounds * blocks; step++)
        {
            var block = wrapped.AsSpan(8 * ((step - 1) % blocks + 1), 8);
            var encrypted = aes.EncryptEcb([.. wrapped.AsSpan(0, 8), .. block], PaddingMode.None);
            BinaryPrimitives.WriteUInt64BigEndian(wrapped, BinaryPrimitives.ReadUInt64BigEndian(encrypted) ^ (ulong)step);
            encrypted.AsSpan(8).CopyTo(block);
        }
        return wrapped;
    }

    /// <summary>RFC 3394, section 2.2.2.</summary>
    private static byte[] Unwrap(byte[] wrapped, byte[] with)
    {
        using var aes = Aes.Create();
        aes.Key = with;
        var blocks = wrapped.Length / 8 - 1;
        for (var step = WrapRounds * blocks; step > 0; step--)
        {
            var block = wrapped.AsSpan(8 * ((step - 1) % blocks + 1), 8);
            BinaryPrimitives.WriteUInt64BigEndian(wrapped, BinaryPrimitives.ReadUInt64BigEndian(wrapped) ^ (ulong)step);
            var decrypted = aes.DecryptEcb([.. wrapped.AsSpan(0, 8), .. block], PaddingMode.None);
            decrypted.AsSpan(0, 8).CopyTo(wrapped);
            decrypted.AsSpan(8).CopyTo(block);
        }
        return wrapped.AsSpan(0, 8).ContainsAnyExcept((byte)0xA6) || wrapped.Length != KeyLength + 8
            ? throw new CryptographicException("The key does not fit.")
            : wrapped[8..];
    }
}
