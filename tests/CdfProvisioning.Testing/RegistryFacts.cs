using System.Text.RegularExpressions;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Testing;

/// <summary>Everything in a registry, a line a fact; times and versions count for nothing.</summary>
internal static partial class RegistryFacts
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<IReadOnlyList<string>> FactsAsync(this IDeviceRegistry registry)
    {
        var facts = new List<string>();
        await foreach (var thing in registry.ThingsAsync(thingType: null, attribute: null, Cancellation))
        {
            facts.Add($"thing {thing.ThingName}");
            facts.Add($"thing {thing.ThingName} is of type {thing.ThingTypeName}");
            facts.AddRange(thing.Attributes!.Select(a => $"thing {thing.ThingName} has {a.Key}={a.Value}"));
            await foreach (var group in registry.GroupsOfThingAsync(thing.ThingName!, Cancellation))
                facts.Add($"thing {thing.ThingName} in group {group.GroupName}");
            await foreach (var attached in registry.PrincipalObjectsAsync(thing.ThingName!, Cancellation))
            {
                facts.Add($"certificate {Arn.CertificateId(attached.Principal!)} attached to thing {thing.ThingName}");
                facts.Add($"certificate {Arn.CertificateId(attached.Principal!)} is {attached.ThingPrincipalType} of thing {thing.ThingName}");
            }
        }

        foreach (var certificate in (await registry.InvokeAsync(new ListCertificatesRequest(250), Cancellation)).Certificates!)
        {
            facts.Add($"certificate {certificate.CertificateId}");
            facts.Add($"certificate {certificate.CertificateId} is {certificate.Status}");
            await foreach (var policy in registry.AttachedPoliciesAsync(certificate.CertificateArn!, Cancellation))
                facts.Add($"policy {policy.PolicyName} attached to certificate {certificate.CertificateId}");
        }

        await foreach (var policy in registry.PoliciesAsync(Cancellation))
        {
            facts.Add($"policy {policy.PolicyName}");
            facts.Add($"policy {policy.PolicyName} says {(await registry.InvokeAsync(new GetPolicyRequest(policy.PolicyName!), Cancellation)).PolicyDocument}");
        }

        await foreach (var ca in registry.CaCertificatesAsync(Cancellation))
            facts.Add($"CA {ca.CertificateId} is {ca.Status}");
        await foreach (var group in registry.ThingGroupsAsync(null, Cancellation))
            facts.Add($"group {group.GroupName}");
        await foreach (var type in registry.ThingTypesAsync(Cancellation))
            facts.Add($"type {type.ThingTypeName}");

        facts.Sort(StringComparer.Ordinal);
        return facts;
    }

    /// <summary>The facts without what no two registries have in common: a certificate has the name of its thing in the place of its id, and a CA that of nobody.</summary>
    public static IReadOnlyList<string> Comparable(this IEnumerable<string> facts)
    {
        var words = facts.Select(fact => fact.Split(' ')).ToList();
        var things = words.Where(fact => fact is ["certificate", _, "attached", "to", "thing", _]).ToLookup(fact => fact[1], fact => fact[5]);
        return [.. words
            .Select(fact => fact is ["CA", ..] ? ["CA", .. fact[2..]] : fact.Select(word => things.Contains(word) ? $"of {string.Join(" and ", things[word])}" : word))
            .Select(fact => string.Join(' ', fact))
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>Whether a fact is that there is something, or that one thing is attached to another; and not a detail of it.</summary>
    public static bool IsResource(string fact) => !Detail().IsMatch(fact);

    [GeneratedRegex(" (is|has|says|in group) ")]
    private static partial Regex Detail();
}
