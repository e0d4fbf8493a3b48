using CdfProvisioning.Provisioning.Decisions;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning;

/// <summary>Puts a decision into a plan.</summary>
/// <param name="resources">The resources that it is about.</param>
/// <param name="decision">The decision.</param>
/// <param name="text">How to show what is not known yet.</param>
/// <param name="certificate">Where the certificate comes from, in words.</param>
/// <param name="isNewCertificate">Whether it is registered now.</param>
internal sealed class PlanWriter(ResolvedTemplate resources, RegistrationDecision decision, PlanText text, string? certificate, bool isNewCertificate)
{
    private readonly List<PlannedChange> _changes = [];

    public ProvisionPlan Write(bool makesKey, string? keyFile, IReadOnlyList<string> unknown, List<string> problems)
    {
        var thing = decision.Thing;
        if (thing is not null)
            CompareThing(thing);
        if (decision.Certificate is { } change)
            CompareCertificate(change);
        foreach (var policy in decision.Policies)
            ComparePolicy(policy);

        return new ProvisionPlan
        {
            Outcome = problems.Count > 0 ? PlannedOutcome.Bad
                : _changes.Count == 0 ? PlannedOutcome.Same
                : thing is null || thing.Before is null ? PlannedOutcome.New
                : PlannedOutcome.Changed,
            ThingName = text.Show(resources.Thing?.ThingName),
            ThingExists = thing?.Before is not null,
            ThingType = text.Show(thing?.TypeName),
            Attributes = thing?.Attributes.ToDictionary(a => a.Key, a => text.Show(a.Value)!) ?? [],
            Groups = thing is null ? [] : GroupsOf(thing).ToArray(), // a list of the compiler's own has no indexer in PowerShell
            BillingGroup = text.Show(thing?.BillingGroupName),
            Certificate = certificate,
            CertificateStatus = decision.Certificate?.Status,
            CertificateCount = thing?.Before?.CertificateIds.Count ?? 0,
            Policies = decision.Policies.Select(policy => text.Show(policy.Name)!).Distinct().ToArray(),
            MakesKey = makesKey,
            KeyFile = keyFile,
            Changes = problems.Count > 0 ? [] : _changes,
            Unknown = unknown,
            Problems = problems.ConvertAll(text.ShowIn),
        };
    }

    private IEnumerable<string> GroupsOf(ThingChange thing) => (thing.Before?.Groups ?? []).Except(thing.RemovedGroups).Concat(thing.AddedGroups).Select(group => text.Show(group.Name)!);

    private void CompareThing(ThingChange thing)
    {
        var before = thing.Before;
        if (before is null)
            Add("Thing", null, resources.Thing!.ThingName);
        Add("ThingType", before?.TypeName, thing.TypeName);
        var attributes = before?.Attributes ?? new Dictionary<string, string>();
        foreach (var name in attributes.Keys.Union(thing.Attributes.Keys).Order(StringComparer.Ordinal))
            Add($"Attributes.{name}", attributes.GetValueOrDefault(name), thing.Attributes.GetValueOrDefault(name));
        foreach (var group in thing.RemovedGroups)
            Add("ThingGroup", group.Name, null);
        foreach (var group in thing.AddedGroups)
            Add("ThingGroup", null, group.Name);
        Add("BillingGroup", before?.BillingGroupName, thing.BillingGroupName);
    }

    private void CompareCertificate(CertificateChange change)
    {
        if (isNewCertificate)
        {
            Add("Certificate", null, $"{certificate}, {change.Status}");
            return;
        }

        if (change.Before is not { } before)
            return;
        if (decision.Thing is not null && before.IsExclusiveHere is null)
            Add("Certificate", null, $"{certificate}, {change.Status}");
        else if (decision.Thing is not null && change.IsAttachedAnew)
            Add("Certificate.ThingPrincipalType", TypeOf(!change.IsExclusive), TypeOf(change.IsExclusive));
        Add("Certificate.Status", before.Status, change.Status);
    }

    private void ComparePolicy(PolicyChange policy)
    {
        if (policy.IsMade)
            Add("Policy", null, policy.Name);
        if (policy.IsAttachedAnew)
            Add("Certificate.Policy", null, policy.Name);
    }

    private void Add(string property, string? from, string? to)
    {
        if (from != to)
            _changes.Add(new(property, from, text.Show(to)));
    }

    private static string TypeOf(bool isExclusive) => isExclusive ? CertificateResource.Exclusive : CertificateResource.NonExclusive;
}
