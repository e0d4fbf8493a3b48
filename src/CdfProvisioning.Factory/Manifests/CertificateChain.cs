using System.Buffers.Text;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using CdfProvisioning.Certificates;

namespace CdfProvisioning.Factory.Manifests;

/// <summary>A certificate and the issuers that come with it, nearest first, as x5c, ACM PCA and makers' lists give them.</summary>
internal sealed record CertificateChain(ParsedCertificate Leaf, IReadOnlyList<ParsedCertificate> Issuers)
{
    public string IssuersPem => string.Concat(Issuers.Select(issuer => issuer.Pem));

    /// <summary>Reads the one chain of a text: PEM, or the base64 of PEM or of DER.</summary>
    /// <exception cref="CdfException">InvalidRequest.</exception>
    public static CertificateChain FromText(string text) => Only(CertificatesOf(text));

    /// <summary>Reads the chains of a text or of a file's content: a certificate that signed the one before it is its issuer, any other is the next device's.</summary>
    public static IReadOnlyList<CertificateChain> AllFrom(byte[] content) => Split(CertificatesOf(content));

    /// <exception cref="CdfException">InvalidRequest.</exception>
    public static CertificateChain FromDer(IReadOnlyList<byte[]> certificates) => Only([.. certificates.Select(der => ParsedCertificate.FromDer(der, "The certificate"))]);

    private static CertificateChain Only(IReadOnlyList<ParsedCertificate> certificates) => Split(certificates) is [var only]
        ? only
        : throw ManifestItem.Invalid("It has certificates that are not a certificate followed by its issuers: one did not sign the one before it.");

    private static List<CertificateChain> Split(IReadOnlyList<ParsedCertificate> certificates)
    {
        var chains = new List<CertificateChain>();
        var issuers = new List<ParsedCertificate>();
        for (var i = 0; i < certificates.Count; i++)
        {
            if (i > 0 && Signed(certificates[i], certificates[i - 1]))
            {
                issuers.Add(certificates[i]);
                continue;
            }
            issuers = [];
            chains.Add(new(certificates[i], issuers));
        }
        return chains;
    }

    /// <summary>Whether the one certificate is that of the other's issuer.</summary>
    public static bool Signed(ParsedCertificate issuer, ParsedCertificate certificate) =>
        certificate.Issuer.Equals(issuer.Subject) && !certificate.Fingerprint.AsSpan().SequenceEqual(issuer.Fingerprint) && certificate.IsSignedBy(issuer);

    private static List<ParsedCertificate> CertificatesOf(byte[] content) =>
        content is [0x30, ..] ? FromConcatenatedDer(content) : CertificatesOf(Encoding.UTF8.GetString(content));

    private static List<ParsedCertificate> CertificatesOf(string text)
    {
        if (text.Contains("-----BEGIN", StringComparison.Ordinal))
            return FromPem(text);
        var trimmed = Encoding.ASCII.GetBytes(string.Concat(text.Where(c => !char.IsWhiteSpace(c))));
        if (trimmed.Length == 0)
            throw ManifestItem.Invalid("It has no certificate.");
        if (!Base64.IsValid(trimmed))
            throw ManifestItem.Invalid("Its certificate is neither PEM text nor base64.");
        var decoded = Convert.FromBase64String(Encoding.ASCII.GetString(trimmed));
        return decoded is [0x30, ..] ? FromConcatenatedDer(decoded)
            : Encoding.Latin1.GetString(decoded) is var pem && pem.Contains("-----BEGIN", StringComparison.Ordinal) ? FromPem(pem)
            : throw ManifestItem.Invalid("Its base64 text is neither a certificate in DER form nor PEM text.");
    }

    private static List<ParsedCertificate> FromPem(string text)
    {
        var certificates = new List<ParsedCertificate>();
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            if (rest[fields.Label] is "CERTIFICATE" or "X509 CERTIFICATE" or "TRUSTED CERTIFICATE")
                certificates.Add(ParsedCertificate.FromDer(Convert.FromBase64String(rest[fields.Base64Data].ToString()), "The certificate"));
            rest = rest[fields.Location.End..];
        }
        if (rest.Contains("-----BEGIN", StringComparison.Ordinal))
            throw ManifestItem.Invalid("Its PEM text is cut off or damaged: a BEGIN line has no whole block behind it.");
        return certificates.Count > 0 ? certificates : throw ManifestItem.Invalid("Its PEM text has no block of type CERTIFICATE.");
    }

    private static List<ParsedCertificate> FromConcatenatedDer(ReadOnlyMemory<byte> der)
    {
        var certificates = new List<ParsedCertificate>();
        try
        {
            while (!der.IsEmpty)
            {
                var one = new AsnReader(der, AsnEncodingRules.DER).PeekEncodedValue();
                certificates.Add(ParsedCertificate.FromDer(one.ToArray(), "The certificate"));
                der = der[one.Length..];
            }
        }
        catch (AsnContentException e)
        {
            throw ManifestItem.Invalid("Its certificate in DER form is cut off or damaged.", e);
        }
        return certificates;
    }
}
