using System.Collections.Frozen;
using System.Globalization;
using CdfProvisioning.Iot;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning;

/// <summary>The members of <see cref="CdfProvisioningParameters"/> by their names, as columns of lists and hashtables have them: <c>caId</c>, <c>certInfo.commonName</c>, in any case.</summary>
internal static class CdfParameterMembers
{
    private static readonly FrozenDictionary<string, Member> Members = new Dictionary<string, Member>
    {
        ["caId"] = new(p => p.CaId, (p, value) => p with { CaId = value }),
        ["certInfo.commonName"] = CertInfo(c => c.CommonName, (c, value) => c with { CommonName = value }),
        ["certInfo.organization"] = CertInfo(c => c.Organization, (c, value) => c with { Organization = value }),
        ["certInfo.organizationalUnit"] = CertInfo(c => c.OrganizationalUnit, (c, value) => c with { OrganizationalUnit = value }),
        ["certInfo.locality"] = CertInfo(c => c.Locality, (c, value) => c with { Locality = value }),
        ["certInfo.stateName"] = CertInfo(c => c.StateName, (c, value) => c with { StateName = value }),
        ["certInfo.country"] = CertInfo(c => c.Country, (c, value) => c with { Country = value }),
        ["certInfo.emailAddress"] = CertInfo(c => c.EmailAddress, (c, value) => c with { EmailAddress = value }),
        ["certInfo.daysExpiry"] = CertInfo(c => c.DaysExpiry?.ToString(CultureInfo.InvariantCulture), (c, value) => c with { DaysExpiry = Days(value) }),
        ["certInfo.keyAlgorithm"] = CertInfo(c => c.KeyAlgorithm, (c, value) => c with { KeyAlgorithm = value }),
        ["certificatePem"] = new(p => p.CertificatePem, (p, value) => p with { CertificatePem = value }),
        ["certificateStatus"] = new(p => p.CertificateStatus, (p, value) => p with { CertificateStatus = value }),
        ["acmpcaCaArn"] = new(p => p.AcmpcaCaArn, (p, value) => p with { AcmpcaCaArn = value }),
        ["acmpcaCaAlias"] = new(p => p.AcmpcaCaAlias, (p, value) => p with { AcmpcaCaAlias = value }),
        ["awsiotCaArn"] = new(p => p.AwsiotCaArn, (p, value) => p with { AwsiotCaArn = value }),
        ["awsiotCaAlias"] = new(p => p.AwsiotCaAlias, (p, value) => p with { AwsiotCaAlias = value }),
        ["csr"] = new(p => p.Csr, (p, value) => p with { Csr = value }),
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<string> Names => Members.Keys;

    public static bool IsKnown(string name) => Members.ContainsKey(name);

    /// <summary>Whether one of a template's extensions takes the member.</summary>
    public static bool IsUsedBy(CdfSection cdf, string name) => name.ToUpperInvariant() switch
    {
        "CAID" => cdf.CreateDeviceCertificate,
        "CERTIFICATEPEM" or "CERTIFICATESTATUS" => cdf.RegisterDeviceCertificateWithoutCA,
        "AWSIOTCAARN" or "AWSIOTCAALIAS" => cdf.AcmPcaMode is AcmPcaMode.RegisterWithCA,
        "CSR" or "ACMPCACAARN" or "ACMPCACAALIAS" => cdf.AcmPcaMode is not null,
        _ => cdf.CreateDeviceCertificate || cdf.AcmPcaMode is not null, // certInfo
    };

    /// <summary>The members that have a value.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Given(CdfProvisioningParameters parameters) =>
        from member in Members
        let value = member.Value.Get(parameters)
        where value is not null
        select KeyValuePair.Create(member.Key, value);

    /// <exception cref="CdfException">InvalidRequest: there is no such member, or it cannot have this value.</exception>
    public static CdfProvisioningParameters Set(this CdfProvisioningParameters parameters, string name, string value) =>
        Members.TryGetValue(name, out var member) ? member.Set(parameters, value) : throw Unknown(name);

    public static CdfException Unknown(string name) => CdfErrorCode.InvalidRequest.Error(
        $"There is no CDF parameter '{IotNames.Shown(name)}': {(NearestName.Of(name, name.Contains('.') ? Members.Keys : [.. Members.Keys, "certInfo"]) is { } nearest ? $"did you mean '{nearest}'? There are" : "use")} {string.Join(", ", Members.Keys.Order(StringComparer.OrdinalIgnoreCase))}.");

    /// <summary>The parameters with each value replaced.</summary>
    public static CdfProvisioningParameters Select(this CdfProvisioningParameters parameters, Func<string, string> replace)
    {
        var replaced = parameters;
        foreach (var member in Members.Values)
        {
            if (member.Get(parameters) is { } value && replace(value) is var other && other != value)
                replaced = member.Set(replaced, other);
        }

        return replaced;
    }

    private static Member CertInfo(Func<CertInfo, string?> get, Func<CertInfo, string, CertInfo> set) => new(
        p => p.CertInfo is null ? null : get(p.CertInfo), (p, value) => p with { CertInfo = set(p.CertInfo ?? new CertInfo(), value) });

    private static int Days(string value) => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var days)
        ? days
        : throw CdfErrorCode.InvalidRequest.Error($"The CDF parameter 'certInfo.daysExpiry' has to be a number of days, not '{IotNames.Shown(value)}'.");

    private sealed record Member(Func<CdfProvisioningParameters, string?> Get, Func<CdfProvisioningParameters, string, CdfProvisioningParameters> Set);
}
