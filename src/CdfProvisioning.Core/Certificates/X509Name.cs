using System.Buffers;
using System.Formats.Asn1;
using System.Text;

namespace CdfProvisioning.Certificates;

/// <summary>A distinguished name in its encoded form, which is what two names are compared by.</summary>
internal sealed class X509Name : IEquatable<X509Name>
{
    private static readonly SearchValues<char> Special = SearchValues.Create(",+=\"<>;\\");

    private string? _text;

    private X509Name(ReadOnlyMemory<byte> der) => Der = der;

    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>Whether the name has no attributes.</summary>
    public bool IsEmpty => Der.Length == 2;

    public string? CommonName => Find(Oids.CommonName);

    /// <summary>Encodes one attribute per RDN in the order given, leaving out those without a value.</summary>
    public static X509Name Encode(params ReadOnlySpan<(string Oid, string? Value)> attributes)
    {
        var writer = DerWriter.Begin();
        using (writer.PushSequence())
        {
            foreach (var (oid, value) in attributes)
            {
                if (value is null)
                    continue;
                using (writer.PushSetOf())
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(oid);
                    writer.WriteCharacterString(StringType(oid), value);
                }
            }
        }

        return new X509Name(writer.Encode());
    }

    /// <exception cref="AsnContentException">The bytes are not a name.</exception>
    public static X509Name Read(ReadOnlyMemory<byte> der)
    {
        var rdns = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        while (rdns.HasData)
        {
            var rdn = rdns.ReadSetOf(skipSortOrderValidation: true);
            do
            {
                var attribute = rdn.ReadSequence();
                attribute.ReadObjectIdentifier();
                attribute.ReadEncodedValue();
                attribute.ThrowIfNotEmpty();
            }
            while (rdn.HasData);
        }

        return new X509Name(der);
    }

    /// <summary>The value of the last, that is most specific, attribute of a type; null where the name has none.</summary>
    public string? Find(string oid)
    {
        string? found = null;
        foreach (var rdn in Rdns())
        {
            foreach (var attribute in rdn)
                found = attribute.Oid == oid ? attribute.Value : found;
        }

        return found;
    }

    /// <summary>The values of all attributes of a type, in the order of the name.</summary>
    public IReadOnlyList<string> FindAll(string oid) => [.. Rdns().SelectMany(rdn => rdn).Where(a => a.Oid == oid).Select(a => a.Value)];

    /// <summary>The name as people read it, most specific attribute first: <c>CN=sensor-1, O=Example, C=US</c>.</summary>
    public override string ToString() => _text ??= string.Join(
        ", ", Enumerable.Reverse(Rdns()).Select(rdn => string.Join(" + ", rdn.Select(a => $"{ShortName(a.Oid)}={Quote(a.Value)}"))));

    public bool Equals(X509Name? other) => other is not null && Der.Span.SequenceEqual(other.Der.Span);

    public override bool Equals(object? obj) => Equals(obj as X509Name);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Der.Span);
        return hash.ToHashCode();
    }

    private List<List<(string Oid, string Value)>> Rdns()
    {
        var names = new List<List<(string, string)>>();
        var rdns = new AsnReader(Der, AsnEncodingRules.DER).ReadSequence();
        while (rdns.HasData)
        {
            var attributes = new List<(string, string)>();
            var rdn = rdns.ReadSetOf(skipSortOrderValidation: true);
            while (rdn.HasData)
            {
                var attribute = rdn.ReadSequence();
                attributes.Add((attribute.ReadObjectIdentifier(), Decode(attribute)));
            }

            names.Add(attributes);
        }

        return names;
    }

    /// <summary>Lenient about characters that the string's type excludes, for such names are in use; what isn't a string is shown as RFC 4514 does.</summary>
    private static string Decode(AsnReader attribute)
    {
        var tag = attribute.PeekTag();
        var content = attribute.PeekContentBytes().Span;
        return (UniversalTagNumber)tag.TagValue switch
        {
            _ when tag.TagClass != TagClass.Universal || tag.IsConstructed => Hex(attribute),
            UniversalTagNumber.UTF8String => Encoding.UTF8.GetString(content),
            UniversalTagNumber.BMPString => Encoding.BigEndianUnicode.GetString(content),
            UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String or UniversalTagNumber.NumericString
                or UniversalTagNumber.VisibleString or UniversalTagNumber.T61String => Encoding.Latin1.GetString(content),
            _ => Hex(attribute),
        };
    }

    private static string Hex(AsnReader attribute) => $"#{Convert.ToHexString(attribute.PeekEncodedValue().Span)}";

    private static UniversalTagNumber StringType(string oid) => oid switch
    {
        Oids.Country => UniversalTagNumber.PrintableString,
        Oids.EmailAddress => UniversalTagNumber.IA5String,
        _ => UniversalTagNumber.UTF8String,
    };

    private static string ShortName(string oid) => oid switch
    {
        Oids.CommonName => "CN",
        Oids.Country => "C",
        Oids.Locality => "L",
        Oids.StateName => "ST",
        Oids.Organization => "O",
        Oids.OrganizationalUnit => "OU",
        Oids.EmailAddress => "emailAddress",
        "2.5.4.5" => "serialNumber",
        "2.5.4.46" => "dnQualifier",
        "0.9.2342.19200300.100.1.25" => "DC",
        "0.9.2342.19200300.100.1.1" => "UID",
        _ => oid,
    };

    private static string Quote(string value) =>
        value.AsSpan().ContainsAny(Special) || value != value.Trim() ? $"\"{Printable(value.Replace("\"", "\\\"", StringComparison.Ordinal))}\"" : Printable(value);

    /// <summary>Anybody can show a certificate, and its name comes to terminals and logs: what steers those is shown as RFC 4514 does, octet by octet.</summary>
    private static string Printable(string value) => !value.Any(char.IsControl) ? value : string.Concat(
        value.Select(c => char.IsControl(c) ? string.Concat(Encoding.UTF8.GetBytes([c]).Select(octet => $"\\{octet:X2}")) : $"{c}"));
}
