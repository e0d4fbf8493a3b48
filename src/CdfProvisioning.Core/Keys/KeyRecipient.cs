using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace CdfProvisioning.Keys;

/// <summary>
/// Who alone can read what is encrypted: the holder of a certificate's key. It becomes CMS EnvelopedData (RFC 5652, AES-256-CBC),
/// whose key travels by RSA-OAEP with SHA-256, or, for EC keys, by <see cref="KeyAgreement"/>; <c>openssl cms -decrypt</c> reads it.
/// </summary>
internal sealed class KeyRecipient
{
    private const string Label = "CMS";

    private static readonly Oid Aes256 = new("2.16.840.1.101.3.4.1.42");

    private readonly Func<byte[], byte[]> _encrypt;

    private KeyRecipient(X509Certificate2 certificate)
    {
        if (certificate.GetRSAPublicKey() is null)
        {
            _encrypt = content => KeyAgreement.Encrypt(content, certificate);
        }
        else
        {
            var recipient = new CmsRecipient(certificate, RSAEncryptionPadding.OaepSHA256);
            _encrypt = content =>
            {
                var cms = new EnvelopedCms(new ContentInfo(content), new AlgorithmIdentifier(Aes256));
                cms.Encrypt(recipient);
                return cms.Encode();
            };
        }
    }

    /// <summary>What a block begins with.</summary>
    public static ReadOnlySpan<byte> Begin => "-----BEGIN CMS-----"u8;

    /// <param name="certificatePem">The certificate, with an RSA or an EC key.</param>
    /// <exception cref="CdfException">InvalidRequest: it is none that can be encrypted for.</exception>
    public static KeyRecipient Of(string certificatePem)
    {
        try
        {
            var recipient = new KeyRecipient(X509Certificate2.CreateFromPem(certificatePem));
            recipient.Encrypt("test"u8.ToArray());
            return recipient;
        }
        catch (Exception e) when (IsOfCryptography(e))
        {
            throw CdfErrorCode.InvalidRequest.Error($"Nothing can be encrypted for the certificate of the recipient: {e.Message} Give a certificate (PEM or DER) with an RSA key of 2,048 bits or more, or an EC key on P-256, P-384 or P-521.", e);
        }
    }

    /// <summary>What only the recipient can read, DER.</summary>
    public byte[] Encrypt(byte[] content) => _encrypt(content);

    /// <summary>Lines that only the recipient can read, as text.</summary>
    public byte[] Seal(ReadOnlySpan<byte> lines)
    {
        var content = lines.ToArray();
        var encrypted = Encrypt(content);
        CryptographicOperations.ZeroMemory(content);
        return Encoding.ASCII.GetBytes(Certificates.Pem.Encode(Label, encrypted));
    }

    /// <summary>The lines of one block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="holder">The recipient's certificate with its private key.</param>
    /// <exception cref="CdfException">InvalidRequest: it was encrypted for somebody else, or is damaged.</exception>
    public static byte[] Unseal(string block, X509Certificate2 holder)
    {
        try
        {
            var encrypted = Convert.FromBase64String(block[PemEncoding.Find(block).Base64Data]);
            if (holder.GetRSAPublicKey() is null)
                return KeyAgreement.Decrypt(encrypted, holder);
            var cms = new EnvelopedCms();
            cms.Decode(encrypted);
            cms.Decrypt([holder]);
            return cms.ContentInfo.Content;
        }
        catch (Exception e) when (IsOfCryptography(e) || e is FormatException)
        {
            throw CdfErrorCode.InvalidRequest.Error($"A block of the key file cannot be read with the key of '{holder.Subject}': it was encrypted for another certificate, or is damaged. ({e.Message})", e);
        }
    }

    private static bool IsOfCryptography(Exception e) => e is CryptographicException or ArgumentException or AsnContentException;
}
