using CdfProvisioning.Templates;

namespace CdfProvisioning.Things;

/// <summary>Says in words what a template and its parameters would register.</summary>
internal static class Planner
{
    public static ProvisionPlan Plan(ProvisioningTemplate template, IReadOnlyDictionary<string, string> parameters)
    {
        var filled = new Dictionary<string, string>(parameters);
        foreach (var name in template.Cdf.FilledParameters)
            filled.TryAdd(name, $"<{name}>");

        var resolved = template.Resolve(filled);
        var resources = new List<string>();
        if (resolved.Thing is { } thing)
            resources.AddRange(Describe(thing));
        if (resolved.Certificate is { } certificate)
            resources.Add(Describe(certificate, template.Cdf));
        resources.AddRange(resolved.Policies.Select(p =>
            p.PolicyDocument is null ? $"policy '{p.PolicyName}'" : $"policy '{p.PolicyName}' with the template's document"));
        return new ProvisionPlan { ThingName = resolved.Thing?.ThingName, Resources = resources };
    }

    private static IEnumerable<string> Describe(ThingResource thing)
    {
        if (thing.ThingTypeName is { } type)
            yield return $"of type '{type}'";
        if (thing.Attributes is { Count: > 0 } attributes)
            yield return $"attributes {string.Join(", ", attributes.Select(a => $"{a.Key}={a.Value}"))}";
        if (thing.ThingGroups is { Count: > 0 } groups)
            yield return $"in group {string.Join(", ", groups.Select(g => $"'{g}'"))}";
        if (thing.BillingGroup is { } billingGroup)
            yield return $"in billing group '{billingGroup}'";
    }

    private static string Describe(CertificateResource certificate, CdfSection cdf) => certificate switch
    {
        _ when cdf.CreateDeviceCertificate => $"a new key and certificate signed by the given CA, {certificate.Status}",
        _ when cdf.CreateDeviceAwsCertificate => $"a new key and certificate made by AWS IoT, {certificate.Status}",
        { CertificateSigningRequest: not null } => $"a certificate from the CSR, {certificate.Status}",
        { CertificateId: { } id } => $"certificate {id}, {certificate.Status}",
        _ => $"the given certificate, {certificate.Status}",
    };
}
