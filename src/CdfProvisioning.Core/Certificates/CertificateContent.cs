using System.Formats.Asn1;

namespace CdfProvisioning.Certificates;

/// <summary>What stands in an X.509 certificate.</summary>
internal sealed class CertificateContent
{
    /// <summary>RFC 5280, section 4.1.2.5.1.</summary>
    private const int LastYearOfUtcTime = 2049;

    private static readonly Asn1Tag VersionTag = new(TagClass.ContextSpecific, 0, isConstructed: true);

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
        (NotBefore, NotAfter) = ReadTimes(reader.ReadEncodedValue().Span);
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

    /// <summary>When a certificate begins and ends, without looking at the rest of it.</summary>
    /// <exception cref="AsnContentException">The bytes are no certificate.</exception>
    public static (DateTimeOffset NotBefore, DateTimeOffset NotAfter) ReadValidity(ReadOnlySpan<byte> der)
    {
        var rest = ReadSequence(ReadSequence(der));
        if (Asn1Tag.Decode(rest, out _) == VersionTag)
            Skip(ref rest);
        Skip(ref rest); // serialNumber
        Skip(ref rest); // signature
        Skip(ref rest); // issuer
        return ReadTimes(rest);

        static void Skip(ref ReadOnlySpan<byte> rest)
        {
            AsnDecoder.ReadEncodedValue(rest, AsnEncodingRules.DER, out _, out _, out var consumed);
            rest = rest[consumed..];
        }
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
        if (reader.PeekTag() != VersionTag)
            return 1;
        var explicitVersion = reader.ReadSequence(VersionTag);
        if (!explicitVersion.TryReadInt32(out var value) || value is < 0 or > 2)
            throw new AsnContentException("its version is none of 1, 2 and 3");
        explicitVersion.ThrowIfNotEmpty();
        return value + 1;
    }

    private static (DateTimeOffset NotBefore, DateTimeOffset NotAfter) ReadTimes(ReadOnlySpan<byte> validity)
    {
        var rest = ReadSequence(validity);
        var times = (ReadTime(ref rest), ReadTime(ref rest));
        return rest.IsEmpty ? times : throw new AsnContentException();

        static DateTimeOffset ReadTime(ref ReadOnlySpan<byte> rest)
        {
            var time = Asn1Tag.Decode(rest, out _) == Asn1Tag.UtcTime
                ? AsnDecoder.ReadUtcTime(rest, AsnEncodingRules.DER, out var consumed, LastYearOfUtcTime)
                : AsnDecoder.ReadGeneralizedTime(rest, AsnEncodingRules.DER, out consumed);
            rest = rest[consumed..];
            return time;
        }
    }

    private static ReadOnlySpan<byte> ReadSequence(ReadOnlySpan<byte> value)
    {
        AsnDecoder.ReadSequence(value, AsnEncodingRules.DER, out var offset, out var length, out _);
        return value.Slice(offset, length);
    }

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
