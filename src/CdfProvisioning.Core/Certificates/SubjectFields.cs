using System.Buffers;
using System.Text;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Certificates;

/// <summary>What a certificate's subject is made of; absent fields are left out of the name.</summary>
internal sealed record SubjectFields(
    string? CommonName = null, string? Organization = null, string? OrganizationalUnit = null, string? Locality = null,
    string? StateName = null, string? Country = null, string? EmailAddress = null)
{
    /// <summary>The name, from the country down to the common name; the length limits are the upper bounds of RFC 5280, appendix A.1.</summary>
    /// <exception cref="CdfException">A field is empty, too long or has characters its type excludes, or there is no field at all.</exception>
    public X509Name ToName()
    {
        if (Country is not null && !(Country.Length == 2 && Country.All(char.IsAsciiLetter)))
            throw Error(nameof(Country), Country, "must be the two letters of an ISO 3166 code, such as US");
        if (EmailAddress is not null && !Ascii.IsValid(EmailAddress))
            throw Error(nameof(EmailAddress), EmailAddress, "must be ASCII");
        Check(nameof(StateName), StateName, 128);
        Check(nameof(Locality), Locality, 128);
        Check(nameof(Organization), Organization, 64);
        Check(nameof(OrganizationalUnit), OrganizationalUnit, 64);
        Check(nameof(CommonName), CommonName, 64);
        Check(nameof(EmailAddress), EmailAddress, 255);

        var name = X509Name.Encode(
            (Oids.Country, Country), (Oids.StateName, StateName), (Oids.Locality, Locality), (Oids.Organization, Organization),
            (Oids.OrganizationalUnit, OrganizationalUnit), (Oids.CommonName, CommonName), (Oids.EmailAddress, EmailAddress));
        return name.IsEmpty
            ? throw CdfErrorCode.InvalidRequest.Error("The certificate subject has no fields: give at least a CommonName.")
            : name;
    }

    private static void Check(string field, string? value, int limit)
    {
        if (value is null)
            return;
        if (value.Length == 0)
            throw Error(field, value, $"is empty: give 1 to {limit} characters or leave the field out");

        var length = 0;
        for (var rest = value.AsSpan(); !rest.IsEmpty; length++)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var consumed) != OperationStatus.Done)
                throw Error(field, value, "is not valid Unicode text");
            if (Rune.IsControl(rune))
                throw Error(field, value, "must not contain control characters");
            rest = rest[consumed..];
        }

        if (length > limit)
            throw Error(field, value, $"is {length} characters long; X.509 (RFC 5280) allows {limit}");
    }

    private static CdfException Error(string field, string value, string problem) =>
        CdfErrorCode.InvalidRequest.Error($"The certificate subject's {field} '{IotNames.Shown(value)}' {problem}.");
}
