using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning.PowerShell;

/// <summary>
/// What the extensions of a template's CDF section need of the caller, from the parameters of New-CdfThing and
/// Start-CdfBulkRegistration: -CdfParameters, with CDF's own names, and those that say it in PowerShell's way.
/// </summary>
internal sealed record CdfValues
{
    /// <summary>The members of <see cref="CdfProvisioningParameters"/>, in any case, those of certInfo in a hashtable within or with a dot.</summary>
    public IDictionary? CdfParameters { get; init; }

    /// <summary>A CA from Get-CdfCertificateAuthority, or its id, the beginning of that, its ARN or alias, or its subject.</summary>
    public object? CertificateAuthority { get; init; }

    public string? Subject { get; init; }

    public int? ValidDays { get; init; }

    public string? Status { get; init; }

    /// <exception cref="CdfException">InvalidRequest, NotFound: a value cannot be what it is to be.</exception>
    public async ValueTask<CdfProvisioningParameters?> ReadAsync(Connection connection, CdfSection? cdf, CancellationToken cancellationToken)
    {
        if (this is { CdfParameters: null, CertificateAuthority: null, Subject: null, ValidDays: null, Status: null })
            return null;
        var values = new CdfProvisioningParameters();
        foreach (var (name, value) in Members(CdfParameters ?? new Hashtable(), prefix: ""))
            values = values.Set(name, value);
        if (CertificateAuthority is not null)
            values = await WithAuthorityAsync(values, connection, cdf, cancellationToken);
        if (Subject is not null)
            values = values with { CertInfo = WithSubject(values.CertInfo ?? new(), Subject) };
        if (ValidDays is { } days)
            values = values with { CertInfo = (values.CertInfo ?? new()) with { DaysExpiry = days } };
        return Status is null ? values : values with { CertificateStatus = Status.ToUpperInvariant() };
    }

    /// <summary>What of it the template's extensions do not take, for a warning each.</summary>
    public IEnumerable<string> UnusedBy(CdfSection cdf)
    {
        if (CertificateAuthority is not null && !cdf.CreateDeviceCertificate && cdf.AcmPcaMode is null)
            yield return "CertificateAuthority";
        if (Subject is not null && !cdf.CreateDeviceCertificate && cdf.AcmPcaMode is null)
            yield return "Subject";
        if (ValidDays is not null && !cdf.CreateDeviceCertificate && cdf.AcmPcaMode is null)
            yield return "ValidDays";
        if (Status is not null && !cdf.RegisterDeviceCertificateWithoutCA)
            yield return "Status";
        foreach (var (name, _) in Members(CdfParameters ?? new Hashtable(), prefix: ""))
        {
            if (!CdfParameterMembers.IsUsedBy(cdf, name))
                yield return $"CdfParameters {name}";
        }
    }

    private async ValueTask<CdfProvisioningParameters> WithAuthorityAsync(
        CdfProvisioningParameters values, Connection connection, CdfSection? cdf, CancellationToken cancellationToken)
    {
        var given = CertificateAuthority is PSObject { BaseObject: not PSCustomObject } wrapper ? wrapper.BaseObject : CertificateAuthority!;
        var ca = given as CertificateAuthority;
        var text = ca?.CaId ?? given as string ?? PSObject.AsPSObject(given).Properties["CaId"]?.Value as string
            ?? throw CdfErrorCode.InvalidRequest.Error($"-CertificateAuthority takes a CA from Get-CdfCertificateAuthority, its id or its subject, not {given.GetType().Name}.");
        if (cdf?.AcmPcaMode is not null)
        {
            if (ca?.PrivateCaArn is { } arn)
                return values with { AcmpcaCaArn = arn };
            return text.StartsWith("arn:", StringComparison.Ordinal) ? values with { AcmpcaCaArn = text } : values with { AcmpcaCaAlias = text };
        }

        return values with { CaId = ca?.CaId ?? await FindAuthorityAsync(connection, text, cancellationToken) };
    }

    /// <summary>Finds a certificate authority by its id or ARN, its subject or common name, or, where that may do no harm, what its id begins with.</summary>
    /// <exception cref="CdfException">NotFound; InvalidRequest: it may be any of several.</exception>
    public static async ValueTask<string> FindAuthorityAsync(Connection connection, string text, CancellationToken cancellationToken, bool byBeginning = true)
    {
        if (Arn.CertificateId(text) is { } inArn)
            text = inArn;
        if (text.Length == 64 && text.All(char.IsAsciiHexDigit))
            return text;
        var found = new List<CertificateAuthority>();
        await foreach (var ca in connection.CertificateAuthorities.ListAsync(cancellationToken))
        {
            if ((byBeginning && ca.CaId.StartsWith(text, StringComparison.OrdinalIgnoreCase)) || string.Equals(ca.Subject, text, StringComparison.OrdinalIgnoreCase)
                || string.Equals(CommonNameOf(ca), text, StringComparison.OrdinalIgnoreCase))
                found.Add(ca);
        }

        return found.Count switch
        {
            1 => found[0].CaId,
            0 => throw CdfErrorCode.NotFound.Error($"There is no certificate authority whose id {(byBeginning ? "begins with" : "is")} '{IotNames.Shown(text)}', or whose subject that is. Get-CdfCertificateAuthority lists those there are."),
            _ => throw CdfErrorCode.InvalidRequest.Error($"'{IotNames.Shown(text)}' may be any of {found.Count} certificate authorities: {string.Join(", ", found.Take(5).Select(ca => ca.CaId[..12]))}. Say more of the id."),
        };
    }

    private static string CommonNameOf(CertificateAuthority ca) =>
        ca.CertificatePem is null ? "" : X509Certificate2.CreateFromPem(ca.CertificatePem).GetNameInfo(X509NameType.SimpleName, forIssuer: false);

    /// <summary>The parts of a subject.</summary>
    /// <exception cref="CdfException">InvalidRequest: it is no distinguished name, or has other parts than certificates made here.</exception>
    public static CertInfo ReadSubject(string subject) => WithSubject(new(), subject);

    private static CertInfo WithSubject(CertInfo info, string subject)
    {
        X500DistinguishedName name;
        try
        {
            name = new X500DistinguishedName(subject);
        }
        catch (System.Security.Cryptography.CryptographicException e)
        {
            throw CdfErrorCode.InvalidRequest.Error($"'{IotNames.Shown(subject)}' is not a distinguished name such as 'CN={{ThingName}},O=Example': {e.Message}", e);
        }

        foreach (var part in name.EnumerateRelativeDistinguishedNames())
        {
            var value = part.HasMultipleElements ? null : part.GetSingleElementValue();
            info = part.HasMultipleElements ? throw NotTaken(subject, "several values in one part")
                : part.GetSingleElementType().Value switch
                {
                    "2.5.4.3" => info with { CommonName = value },
                    "2.5.4.10" => info with { Organization = value },
                    "2.5.4.11" => info with { OrganizationalUnit = value },
                    "2.5.4.7" => info with { Locality = value },
                    "2.5.4.8" => info with { StateName = value },
                    "2.5.4.6" => info with { Country = value },
                    "1.2.840.113549.1.9.1" => info with { EmailAddress = value },
                    var other => throw NotTaken(subject, part.GetSingleElementType().FriendlyName ?? other!),
                };
        }

        return info;
    }

    private static CdfException NotTaken(string subject, string what) => CdfErrorCode.InvalidRequest.Error(
        $"The subject '{IotNames.Shown(subject)}' has {what}: certificates made here have CN, O, OU, L, ST, C and E, each once.");

    private static IEnumerable<(string Name, string Value)> Members(IDictionary input, string prefix)
    {
        foreach (DictionaryEntry entry in input)
        {
            var name = prefix + Text(entry.Key);
            var value = entry.Value is PSObject { BaseObject: not PSCustomObject } wrapper ? wrapper.BaseObject : entry.Value;
            if (prefix.Length == 0 && name.Equals("certInfo", StringComparison.OrdinalIgnoreCase))
            {
                var members = value as IDictionary
                    ?? (value is PSObject custom ? custom.Properties.ToDictionary(p => p.Name, p => p.Value) : null)
                    ?? throw CdfErrorCode.InvalidRequest.Error("certInfo in -CdfParameters has to be a hashtable.");
                foreach (var member in Members(members, name + "."))
                    yield return member;
            }
            else if (value is IDictionary or PSObject or (System.Collections.IEnumerable and not string))
            {
                throw !CdfParameterMembers.IsKnown(name) ? CdfParameterMembers.Unknown(name)
                    : CdfErrorCode.InvalidRequest.Error($"'{IotNames.Shown(name)}' in -CdfParameters has to be a text or a number.");
            }
            else if (value is not null)
            {
                yield return (name, Text(value));
            }
        }
    }

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
