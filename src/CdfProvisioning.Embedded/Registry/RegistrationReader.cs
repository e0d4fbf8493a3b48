using CdfProvisioning.Provisioning.Decisions;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>Reads what the registry has of a registration. A new thing costs no statement more than what it names.</summary>
internal static class RegistrationReader
{
    public static RegistryState Read(Scope scope, Registration registration, StoredThing? existing)
    {
        var resources = registration.Resources;
        var certificate = ReadCertificate(scope, registration, existing?.Key ?? -1);
        var thing = resources.Thing;
        var present = existing is null || thing!.ThingGroups is null ? [] : ThingGroupMembers.KeysOf(scope, existing.Key);
        var needsRoots = present.Count + (thing?.ThingGroups?.Count ?? 0) > 1;
        return new RegistryState
        {
            Thing = existing is null ? null : new(
                existing.TypeName, existing.Attributes, existing.BillingGroupName, present.Count == 0 ? [] : present.ConvertAll(key => ThingGroups.StateOf(scope, key, needsRoots)), existing.Key),
            Certificate = certificate,
            Cas = certificate is null && registration.Given is { } given ? CaCertificates.PossibleIssuersOf(scope, given) : [],
            ThingType = thing?.ThingTypeName is { } type ? ThingTypes.FindState(scope, type) : null,
            BillingGroup = existing is null && thing?.BillingGroup is { } billingGroup && BillingGroups.FindKey(scope, billingGroup) is { } key ? new(key) : null,
            Groups = thing?.ThingGroups is { Count: > 0 } groups ? ReadGroups(scope, groups, needsRoots) : [],
            Policies = resources.Policies.Count == 0 ? [] : ReadPolicies(scope, resources.Policies),
        };
    }

    private static CertificateState? ReadCertificate(Scope scope, Registration registration, long thing)
    {
        var stored = registration switch
        {
            { Given.Certificate: { } given } => Certificates.Find(scope, given.Fingerprint),
            { Resources.Certificate.CertificateId: { } id } => Certificates.Find(scope, id),
            _ => null,
        };
        if (stored is null)
            return null;
        var policies = registration.Resources.Policies.Count == 0 ? [] : PolicyTargets.NamesOf(scope, stored.Key);
        return registration.Resources.Thing is null
            ? new(stored.Id, stored.Status, stored.Key) { PolicyNames = policies }
            : new(stored.Id, stored.Status, stored.Key)
            {
                PolicyNames = policies,
                IsExclusiveHere = ThingPrincipals.IsExclusive(scope, thing, stored.Key),
                Elsewhere = ThingPrincipals.FindElsewhere(scope, thing, stored.Key),
            };
    }

    private static GroupState?[] ReadGroups(Scope scope, IReadOnlyList<string> names, bool needsRoots)
    {
        var groups = new GroupState?[names.Count];
        for (var i = 0; i < groups.Length; i++)
            groups[i] = ThingGroups.FindState(scope, names[i], needsRoots);
        return groups;
    }

    /// <summary>The document of a policy is only read where the template has one to compare.</summary>
    private static PolicyState?[] ReadPolicies(Scope scope, IReadOnlyList<PolicyResource> resources)
    {
        var policies = new PolicyState?[resources.Count];
        for (var i = 0; i < policies.Length; i++)
        {
            var name = resources[i].PolicyName;
            if (resources[i].PolicyDocument is not null)
                policies[i] = Policies.Find(scope, name) is { } policy ? new(policy.Document, policy.Key) : null;
            else
                policies[i] = Policies.FindKey(scope, name) is { } key ? new(Document: null, key) : null;
        }

        return policies;
    }
}
