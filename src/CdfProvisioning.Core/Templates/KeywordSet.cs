using CdfProvisioning.Iot;

namespace CdfProvisioning.Templates;

/// <summary>The values that a property may have, the first being its default. AWS's own samples write them in any case.</summary>
internal sealed record KeywordSet(string Property, params IReadOnlyList<string> Values)
{
    public static KeywordSet CertificateStatus { get; } = new("Status", Iot.CertificateStatus.Active, Iot.CertificateStatus.Inactive);

    public static KeywordSet ThingPrincipalType { get; } = new("ThingPrincipalType", CertificateResource.NonExclusive, CertificateResource.Exclusive);

    /// <summary>A checked value as AWS IoT spells it.</summary>
    public string Normalize(string? value) => value is null ? Values[0] : Values.First(v => Matches(v, value));

    public void Check(string value)
    {
        if (!Values.Any(v => Matches(v, value)))
            throw CdfErrorCode.InvalidRequest.Error($"{Property} '{IotNames.Shown(value)}' is neither {string.Join(" nor ", Values)}.");
    }

    private static bool Matches(string keyword, string value) => keyword.Equals(value, StringComparison.OrdinalIgnoreCase);
}
