using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Reads -CdfParameters: the members of <see cref="CdfProvisioningParameters"/> as a hashtable, in any case.</summary>
internal static class CdfParametersInput
{
    public static CdfProvisioningParameters? Parse(IDictionary? input)
    {
        if (input is null)
            return null;

        var parameters = new CdfProvisioningParameters();
        foreach (var (name, value) in Members(input))
        {
            parameters = name.ToUpperInvariant() switch
            {
                "CAID" => parameters with { CaId = Text(value) },
                "CERTINFO" => parameters with { CertInfo = ParseCertInfo(value) },
                _ => throw Unknown(name, "caId or certInfo"),
            };
        }

        return parameters;
    }

    private static CertInfo ParseCertInfo(object? input)
    {
        if (input is not IDictionary members)
            throw new CdfException(CdfErrorCode.InvalidRequest, "certInfo in -CdfParameters has to be a hashtable.");

        var info = new CertInfo();
        foreach (var (name, value) in Members(members))
        {
            info = name.ToUpperInvariant() switch
            {
                "COMMONNAME" => info with { CommonName = Text(value) },
                "ORGANIZATION" => info with { Organization = Text(value) },
                "ORGANIZATIONALUNIT" => info with { OrganizationalUnit = Text(value) },
                "LOCALITY" => info with { Locality = Text(value) },
                "STATENAME" => info with { StateName = Text(value) },
                "COUNTRY" => info with { Country = Text(value) },
                "EMAILADDRESS" => info with { EmailAddress = Text(value) },
                "DAYSEXPIRY" => info with { DaysExpiry = Days(value) },
                _ => throw Unknown(
                    name, "commonName, organization, organizationalUnit, locality, stateName, country, emailAddress or daysExpiry"),
            };
        }

        return info;
    }

    private static IEnumerable<(string Name, object? Value)> Members(IDictionary input) =>
        from DictionaryEntry entry in input
        select (Text(entry.Key)!, entry.Value is PSObject wrapper ? wrapper.BaseObject : entry.Value);

    private static string? Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture);

    private static int Days(object? value) => LanguagePrimitives.TryConvertTo<int>(value, CultureInfo.InvariantCulture, out var days)
        ? days
        : throw new CdfException(CdfErrorCode.InvalidRequest, $"daysExpiry in -CdfParameters has to be a number of days, not '{value}'.");

    private static CdfException Unknown(string name, string known) =>
        new(CdfErrorCode.InvalidRequest, $"-CdfParameters has no member '{name}': use {known}.");
}
