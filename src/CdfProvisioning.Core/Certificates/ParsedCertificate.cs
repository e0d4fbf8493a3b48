using System.Formats.Asn1;
using System.Security.Cryptography;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Certificates;

/// <summary>An X.509 certificate, read by far faster than <c>X509Certificate2</c> does (it costs more than signing one).</summary>
internal sealed class ParsedCertificate
{
    private readonly DateTimeOffset? _notAfter;
    private CertificateContent? _content;
    private string? _id;
    private string? _pem;

    private ParsedCertificate(byte[] der, byte[]? fingerprint, CertificateContent? content)
    {
        Der = der;
        Fingerprint = fingerprint ?? SHA256.HashData(der);
        _content = content;
    }

    /// <summary>What was made here need not be read to be registered.</summary>
    private ParsedCertificate(byte[] der, ParsedCertificate issuedBy, DateTimeOffset notAfter)
        : this(der, fingerprint: null, content: null)
    {
        IssuedBy = issuedBy;
        _notAfter = DateTimeOffset.FromUnixTimeSeconds(notAfter.ToUnixTimeSeconds());
    }

    public byte[] Der { get; }

    /// <summary>SHA-256 of <see cref="Der"/>.</summary>
    public byte[] Fingerprint { get; }

    /// <summary>The fingerprint as AWS IoT's certificateId: 64 lower-case hexadecimal digits.</summary>
    public string Id => _id ??= Convert.ToHexStringLower(Fingerprint);

    /// <summary>As AWS IoT returns it, whatever the text looked like that it was read from.</summary>
    public string Pem => _pem ??= Certificates.Pem.Encode("CERTIFICATE", Der);

    /// <summary>The CA whose <see cref="CertificateSigner"/> made this certificate in this process; null otherwise.</summary>
    public ParsedCertificate? IssuedBy { get; }

    public X509Name Issuer => IssuedBy?.Subject ?? Content.Issuer;

    public X509Name Subject => Content.Subject;

    /// <summary>Upper-case hexadecimal, two digits a byte.</summary>
    public string SerialNumber => Content.SerialNumber;

    public DateTimeOffset NotBefore => Content.NotBefore;

    public DateTimeOffset NotAfter => _notAfter ?? Content.NotAfter;

    public PublicKey PublicKey => Content.PublicKey;

    /// <summary>Whether basicConstraints says cA.</summary>
    public bool IsCertificateAuthority => Content.IsCertificateAuthority;

    /// <summary>Null where the certificate has no such extension.</summary>
    public byte[]? SubjectKeyIdentifier => Content.SubjectKeyIdentifier;

    /// <summary>Null where the certificate has no such extension or it names the key in another way.</summary>
    public byte[]? AuthorityKeyIdentifier => Content.AuthorityKeyIdentifier;

    /// <summary>GeneralNames, encoded; null where the certificate has no such extension.</summary>
    public ReadOnlyMemory<byte>? SubjectAlternativeName => Content.SubjectAlternativeName;

    /// <inheritdoc cref="SubjectAlternativeName"/>
    public ReadOnlyMemory<byte>? IssuerAlternativeName => Content.IssuerAlternativeName;

    private CertificateContent Content => _content ??= new(Der);

    /// <param name="pem">The text of one certificate; the certificates of its chain may follow, and are not looked at.</param>
    /// <param name="what">What the certificate is to the user, to begin a message with.</param>
    /// <exception cref="CdfException">The text is not one whole certificate.</exception>
    public static ParsedCertificate FromPem(string pem, string what) =>
        RecentlyIssued.Find(pem) ?? Parse(Certificates.Pem.Decode(pem, ["CERTIFICATE"], what, IotErrorType.CertificateValidation, hasChain: true), what);

    /// <inheritdoc cref="FromPem"/>
    /// <param name="der">The bytes of one certificate, which then are its own.</param>
    /// <param name="what">What the certificate is to the user, to begin a message with.</param>
    /// <param name="fingerprint">Its fingerprint, where it is known.</param>
    public static ParsedCertificate FromDer(byte[] der, string what, byte[]? fingerprint = null) => Parse(der, what, fingerprint);

    /// <summary>A certificate that <paramref name="issuer"/>'s key has just signed.</summary>
    internal static ParsedCertificate Issued(byte[] der, ParsedCertificate issuer, DateTimeOffset notAfter) => new(der, issuer, notAfter);

    /// <summary>Whether the issuer's key made this certificate's signature. Names, dates and whether the issuer is a CA are the caller's to check.</summary>
    /// <exception cref="CdfException">The signature's algorithm is not supported, or the issuer's public key is damaged.</exception>
    public bool IsSignedBy(ParsedCertificate issuer)
    {
        if (IssuedBy is not null && IssuedBy.Fingerprint.AsSpan().SequenceEqual(issuer.Fingerprint))
            return true;
        try
        {
            return issuer.PublicKey.Verifies(Content.Signed);
        }
        catch (AsnContentException e)
        {
            throw IotErrorType.CertificateValidation.Error($"The certificate '{Subject}' cannot be verified: {e.Message}.");
        }
        catch (CryptographicException)
        {
            throw IotErrorType.CertificateValidation.Error($"The public key of the CA certificate '{issuer.Subject}' is damaged.");
        }
    }

    private static ParsedCertificate Parse(byte[] der, string what, byte[]? fingerprint = null)
    {
        try
        {
            return new ParsedCertificate(der, fingerprint, new(der));
        }
        catch (AsnContentException e)
        {
            throw IotErrorType.CertificateValidation.Error(
                $"{what} is not a valid X.509 certificate, or not all of it: {e.Message.TrimEnd('.')}. Give the certificate as its CA issued it.");
        }
    }
}
