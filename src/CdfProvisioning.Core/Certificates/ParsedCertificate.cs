using System.Formats.Asn1;
using System.Security.Cryptography;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Certificates;

/// <summary>An X.509 certificate, read by far faster than <c>X509Certificate2</c> does (it costs more than signing one).</summary>
internal sealed class ParsedCertificate
{
    private readonly SignedObject _signed;
    private string? _id;
    private string? _pem;

    private ParsedCertificate(byte[] der, ParsedCertificate? issuedBy = null, byte[]? fingerprint = null)
    {
        Der = der;
        IssuedBy = issuedBy;
        Fingerprint = fingerprint ?? SHA256.HashData(der);
        _signed = SignedObject.Read(der);

        var reader = new AsnReader(_signed.Content, AsnEncodingRules.DER).ReadSequence();
        var version = ReadVersion(reader);
        SerialNumber = Convert.ToHexString(reader.ReadIntegerBytes().Span);
        if (!reader.ReadEncodedValue().Span.SequenceEqual(_signed.AlgorithmIdentifier.Span))
            throw new AsnContentException("it names two different signature algorithms");
        Issuer = X509Name.Read(reader.ReadEncodedValue());
        var validity = reader.ReadSequence();
        NotBefore = ReadTime(validity);
        NotAfter = ReadTime(validity);
        validity.ThrowIfNotEmpty();
        Subject = X509Name.Read(reader.ReadEncodedValue());
        PublicKey = PublicKey.Read(reader.ReadEncodedValue());
        SkipUniqueIdentifier(reader, 1);
        SkipUniqueIdentifier(reader, 2);

        if (version == 3 && reader.HasData)
        {
            var wrapper = reader.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 3, isConstructed: true));
            var extensions = wrapper.ReadSequence();
            wrapper.ThrowIfNotEmpty();
            while (extensions.HasData)
            {
                var extension = extensions.ReadSequence();
                var oid = extension.ReadObjectIdentifier();
                if (extension.HasData && extension.PeekTag() == Asn1Tag.Boolean)
                    extension.ReadBoolean();
                var value = new AsnReader(extension.ReadOctetString(), AsnEncodingRules.DER);
                extension.ThrowIfNotEmpty();
                ReadExtension(oid, value);
            }
        }

        reader.ThrowIfNotEmpty();
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

    public X509Name Issuer { get; }

    public X509Name Subject { get; }

    /// <summary>Upper-case hexadecimal, two digits a byte.</summary>
    public string SerialNumber { get; }

    public DateTimeOffset NotBefore { get; }

    public DateTimeOffset NotAfter { get; }

    public PublicKey PublicKey { get; }

    /// <summary>Whether basicConstraints says cA.</summary>
    public bool IsCertificateAuthority { get; private set; }

    /// <summary>Null where the certificate has no such extension.</summary>
    public byte[]? SubjectKeyIdentifier { get; private set; }

    /// <summary>Null where the certificate has no such extension or it names the key in another way.</summary>
    public byte[]? AuthorityKeyIdentifier { get; private set; }

    /// <summary>GeneralNames, encoded; null where the certificate has no such extension.</summary>
    public ReadOnlyMemory<byte>? SubjectAlternativeName { get; private set; }

    /// <inheritdoc cref="SubjectAlternativeName"/>
    public ReadOnlyMemory<byte>? IssuerAlternativeName { get; private set; }

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
    internal static ParsedCertificate Issued(byte[] der, ParsedCertificate issuer) => new(der, issuer);

    /// <summary>Whether the issuer's key made this certificate's signature. Names, dates and whether the issuer is a CA are the caller's to check.</summary>
    /// <exception cref="CdfException">The signature's algorithm is not supported, or the issuer's public key is damaged.</exception>
    public bool IsSignedBy(ParsedCertificate issuer)
    {
        if (IssuedBy is not null && IssuedBy.Fingerprint.AsSpan().SequenceEqual(issuer.Fingerprint))
            return true;
        try
        {
            return issuer.PublicKey.Verifies(_signed);
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
            return new ParsedCertificate(der, fingerprint: fingerprint);
        }
        catch (AsnContentException e)
        {
            throw IotErrorType.CertificateValidation.Error(
                $"{what} is not a valid X.509 certificate, or not all of it: {e.Message.TrimEnd('.')}. Give the certificate as its CA issued it.");
        }
    }

    private static int ReadVersion(AsnReader reader)
    {
        var tag = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        if (reader.PeekTag() != tag)
            return 1;
        var explicitVersion = reader.ReadSequence(tag);
        if (!explicitVersion.TryReadInt32(out var value) || value is < 0 or > 2)
            throw new AsnContentException("its version is none of 1, 2 and 3");
        explicitVersion.ThrowIfNotEmpty();
        return value + 1;
    }

    private static DateTimeOffset ReadTime(AsnReader reader) => reader.PeekTag() == Asn1Tag.UtcTime
        ? reader.ReadUtcTime(twoDigitYearMax: 2049)
        : reader.ReadGeneralizedTime();

    private static void SkipUniqueIdentifier(AsnReader reader, int number)
    {
        if (reader.HasData && reader.PeekTag() == new Asn1Tag(TagClass.ContextSpecific, number))
            reader.ReadEncodedValue();
    }

    private void ReadExtension(string oid, AsnReader value)
    {
        switch (oid)
        {
            case Oids.BasicConstraints:
                var constraints = value.ReadSequence();
                IsCertificateAuthority = constraints.HasData && constraints.PeekTag() == Asn1Tag.Boolean && constraints.ReadBoolean();
                break;
            case Oids.SubjectAlternativeName:
                SubjectAlternativeName = value.PeekEncodedValue();
                break;
            case Oids.IssuerAlternativeName:
                IssuerAlternativeName = value.PeekEncodedValue();
                break;
            case Oids.SubjectKeyIdentifier:
                SubjectKeyIdentifier = value.ReadOctetString();
                break;
            case Oids.AuthorityKeyIdentifier:
                var identifier = value.ReadSequence();
                var keyIdentifier = new Asn1Tag(TagClass.ContextSpecific, 0);
                if (identifier.HasData && identifier.PeekTag() == keyIdentifier)
                    AuthorityKeyIdentifier = identifier.ReadOctetString(keyIdentifier);
                break;
        }
    }
}
