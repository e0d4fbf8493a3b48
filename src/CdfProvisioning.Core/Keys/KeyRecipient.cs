using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace CdfProvisioning.Keys;

/// <summary>
/// Who alone can read a key file: the holder of a certificate's key. Each batch of lines becomes one PEM block of CMS
/// EnvelopedData (RFC 5652, AES-256-CBC), which <c>openssl cms -decrypt -inform PEM</c> reads.
/// </summary>
internal sealed class KeyRecipient
{
    private const string Label = "CMS";

    private static readonly Oid Aes256 = new("2.16.840.1.101.3.4.1.42");

    private readonly CmsRecipient _recipient;

    private KeyRecipient(X509Certificate2 certificate) =>
        _recipient = certificate.GetRSAPublicKey() is null ? new(certificate) : new(certificate, RSAEncryptionPadding.OaepSHA256);

    /// <summary>What a block begins with.</summary>
    public static ReadOnlySpan<byte> Begin => "-----BEGIN CMS-----"u8;

    /// <param name="certificatePem">The certificate; its key is RSA or, for key agreement, EC.</param>
    /// <exception cref="CdfException">InvalidRequest: it is none that can be encrypted for.</exception>
    public static KeyRecipient Of(string certificatePem)
    {
        try
        {
            var recipient = new KeyRecipient(X509Certificate2.CreateFromPem(certificatePem));
            recipient.Seal("test"u8);
            return recipient;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw CdfErrorCode.InvalidRequest.Error($"Nothing can be encrypted for the certificate of the key recipient: {e.Message} Give a certificate (PEM) with an RSA key of 2,048 bits or more.", e);
        }
    }

    /// <summary>Lines that only the recipient can read, as text.</summary>
    public byte[] Seal(ReadOnlySpan<byte> lines)
    {
        var content = lines.ToArray();
        var cms = new EnvelopedCms(new ContentInfo(content), new AlgorithmIdentifier(Aes256));
        cms.Encrypt(_recipient);
        CryptographicOperations.ZeroMemory(content);
        return Encoding.ASCII.GetBytes(Certificates.Pem.Encode(Label, cms.Encode()));
    }

    /// <summary>The lines of one block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="holder">The recipient's certificate with its private key.</param>
    /// <exception cref="CdfException">InvalidRequest: it was encrypted for somebody else, or is damaged.</exception>
    public static byte[] Unseal(string block, X509Certificate2 holder)
    {
        try
        {
            var cms = new EnvelopedCms();
            cms.Decode(Convert.FromBase64String(block[PemEncoding.Find(block).Base64Data]));
            cms.Decrypt([holder]);
            return cms.ContentInfo.Content;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or FormatException)
        {
            throw CdfErrorCode.InvalidRequest.Error($"A block of the key file cannot be read with the key of '{holder.Subject}': it was encrypted for another certificate, or is damaged. ({e.Message})", e);
        }
    }
}
