using System.Formats.Asn1;

namespace CdfProvisioning.Certificates;

/// <summary>What stands in an X.509 certificate.</summary>
internal sealed class CertificateContent
{
    /// <exception cref="AsnContentException">The bytes are no certificate.</exception>
    public CertificateContent(byte[] der)
    {
        Signed = SignedObject.Read(der);

        var reader = new AsnReader(Signed.Content, AsnEncodingRules.DER).ReadSequence();
        var version = ReadVersion(reader);
        SerialNumber = Convert.ToHexString(reader.ReadIntegerBytes().Span);
        if (!reader.ReadEncodedValue().Span.SequenceEqual(Signed.AlgorithmIdentifier.Span))
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

    public SignedObject Signed { get; }

    public X509Name Issuer { get; }

    public X509Name Subject { get; }

    public string SerialNumber { get; }

    public DateTimeOffset NotBefore { get; }

    public DateTimeOffset NotAfter { get; }

    public PublicKey PublicKey { get; }

    public bool IsCertificateAuthority { get; private set; }

    public byte[]? SubjectKeyIdentifier { get; private set; }

    public byte[]? AuthorityKeyIdentifier { get; private set; }

    public ReadOnlyMemory<byte>? SubjectAlternativeName { get; private set; }

    public ReadOnlyMemory<byte>? IssuerAlternativeName { get; private set; }

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
