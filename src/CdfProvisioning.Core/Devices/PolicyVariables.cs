using System.Buffers;
using System.Formats.Asn1;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot.Policies;

namespace CdfProvisioning.Devices;

/// <summary>
/// The policy variables of a device that is connected, or would connect (AWS IoT Developer Guide, AWS IoT Core policy
/// variables: basic, thing and X.509 certificate policy variables).
/// </summary>
internal sealed class PolicyVariables : IPolicyContext
{
    private const int MaxListed = 5;
    private const int MaxCertificateValue = 1024;

    /// <summary>Certificate values with these are not put in (X.509 certificate policy variable limitations).</summary>
    private const string Wildcards = "*$+?#";

    /// <summary>And these get a backslash before them.</summary>
    private static readonly SearchValues<char> Escaped = SearchValues.Create(",\"\\+=<>;");

    private readonly Dictionary<string, IReadOnlyList<string>> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly ParsedCertificate? _certificate;

    public PolicyVariables(string? clientId, DeviceIdentity? device)
    {
        Set("iot:ClientId", clientId);
        if (device is null)
            return;
        _certificate = device.Certificate;
        Set("iot:CertificateId", device.CertificateId);
        // As a decimal number (X.509 certificate policy variable limitations).
        Set("iot:Certificate.SerialNumber", _certificate is null ? null : new BigInteger(Convert.FromHexString(_certificate.SerialNumber), isBigEndian: true).ToString(CultureInfo.InvariantCulture));
        if (device.ThingOf(clientId) is not { } thing)
        {
            Set("iot:Connection.Thing.IsAttached", "false");
            return;
        }

        Set("iot:Connection.Thing.ThingName", thing.Name);
        Set("iot:Connection.Thing.ThingTypeName", thing.TypeName);
        Set("iot:Connection.Thing.IsAttached", "true");
        foreach (var (name, value) in thing.Attributes)
            Set($"{PolicyVariableNames.ThingAttribute}{name}]", value);
    }

    /// <summary>Where the connection comes from.</summary>
    public IPAddress? SourceIp
    {
        init
        {
            var text = (value is { IsIPv4MappedToIPv6: true } ? value.MapToIPv4() : value)?.ToString();
            Set("aws:SourceIp", text);
            Set("iot:SourceIp", text);
        }
    }

    /// <summary>The server's name that the device asked for.</summary>
    public string? DomainName
    {
        init => Set("iot:DomainName", string.IsNullOrEmpty(value) ? null : value);
    }

    /// <summary>What the connection asks for: PersistentConnect, LastWill.</summary>
    public IReadOnlyList<string> ConnectAttributes
    {
        init => _values["iot:ConnectAttributes"] = value;
    }

    public IReadOnlyList<string> Find(string key)
    {
        if (_values.TryGetValue(key, out var values))
            return values;
        return key.ToUpperInvariant() switch
        {
            "AWS:CURRENTTIME" => [DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)],
            "AWS:EPOCHTIME" => [DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)],
            "AWS:SECURETRANSPORT" => ["true"],
            "IOT:CERTIFICATE.AVAILABLEKEYS" => [.. CertificateField.Variables.Where(variable => OfCertificate(variable).Count > 0)],
            _ => OfCertificate(key),
        };
    }

    /// <summary>
    /// Where there are several values, the first; with an index the others (<c>.1</c> is the second), and with <c>.List</c> all, as
    /// conditions for several values have them.
    /// </summary>
    private IReadOnlyList<string> OfCertificate(string key)
    {
        if (_certificate is null || CertificateField.Find(key) is not { } path)
            return [];
        var name = path.IsSubject ? _certificate.Subject : _certificate.Issuer;
        IReadOnlyList<string> values = path.IsAlternative
            ? Alternatives(path.IsSubject ? _certificate.SubjectAlternativeName : _certificate.IssuerAlternativeName, path.Name)
            : name.FindAll(path.Oid!);
        values = [.. values.Take(MaxListed)];
        return [.. (path.IsList ? values : values.Skip(path.Index).Take(1)).Where(IsUsable).Select(Escape)];
    }

    /// <summary>Whether a value of a certificate may be put into a policy.</summary>
    private static bool IsUsable(string value) => value.Length <= MaxCertificateValue && !value.AsSpan().ContainsAny(Wildcards);

    private static string Escape(string value) =>
        value.AsSpan().ContainsAny(Escaped) ? string.Concat(value.Select(c => Escaped.Contains(c) ? $"\\{c}" : $"{c}")) : value;

    /// <summary>RFC 5280, 4.2.1.6: GeneralNames.</summary>
    private static List<string> Alternatives(ReadOnlyMemory<byte>? extension, string kind)
    {
        var values = new List<string>();
        if (extension is not { } der)
            return values;
        try
        {
            var names = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                var number = names.PeekTag().TagValue;
                var content = names.PeekContentBytes();
                names.ReadEncodedValue();
                var (name, value) = number switch
                {
                    1 => ("RFC822Name", Encoding.ASCII.GetString(content.Span)),
                    2 => ("DNSName", Encoding.ASCII.GetString(content.Span)),
                    4 => ("DirectoryName", X509Name.Read(content).ToString()),
                    6 => ("UniformResourceIdentifier", Encoding.ASCII.GetString(content.Span)),
                    7 when content.Length is 4 or 16 => ("IPAddress", new IPAddress(content.Span).ToString()),
                    _ => ("", ""),
                };
                if (name.Equals(kind, StringComparison.OrdinalIgnoreCase))
                    values.Add(value);
            }
        }
        catch (AsnContentException)
        {
            // A name that cannot be read has no value.
        }

        return values;
    }

    private void Set(string key, string? value)
    {
        if (value is not null)
            _values[key] = [value];
    }
}
