using CdfProvisioning.Iot;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning.Decisions;

/// <summary>
/// What a registration does to what is there, or why it fails. Deciding reads and writes nothing: the embedded registry decides
/// within its transaction and applies the changes, a plan shows them.
/// </summary>
internal sealed class RegistrationDecision
{
    private List<RegistrationProblem>? _problems;

    private RegistrationDecision()
    {
    }

    public ThingChange? Thing { get; private set; }

    public CertificateChange? Certificate { get; private set; }

    /// <summary>The policies, in the template's order.</summary>
    public PolicyChange[] Policies { get; private set; } = [];

    /// <summary>Why the registration fails, in the order in which it would be done.</summary>
    public IReadOnlyList<RegistrationProblem> Problems => _problems ?? (IReadOnlyList<RegistrationProblem>)[];

    /// <param name="resources">The template's resources for the device.</param>
    /// <param name="given">The certificate that comes with it as PEM, if one does.</param>
    /// <param name="state">What the registry has of them.</param>
    public static RegistrationDecision Decide(ResolvedTemplate resources, GivenCertificate? given, in RegistryState state)
    {
        var decision = new RegistrationDecision();
        if (resources.Certificate is { } certificate)
            decision.Certificate = decision.Decide(certificate, given, state);
        if (resources.Thing is { } thing)
        {
            decision.Thing = state.Thing is { } existing ? decision.Override(thing, existing, state) : decision.Add(thing, state);
            if (decision.Certificate is { IsExclusive: var isExclusive })
                decision.Check(thing.LogicalId, RegistryRules.ExclusivityProblem(state.Certificate?.Elsewhere, isExclusive));
        }

        if (resources.Policies.Count > 0)
            decision.Policies = decision.Decide(resources.Policies, state);
        return decision;
    }

    private CertificateChange Decide(CertificateResource resource, GivenCertificate? given, in RegistryState state)
    {
        var isExclusive = resource.ThingPrincipalType == CertificateResource.Exclusive;
        if (state.Certificate is { } existing)
            return Override(resource, existing, isExclusive);

        CaState? issuer = null;
        if (resource.CertificateId is { } id)
        {
            Check(resource.LogicalId, IotErrorType.ResourceNotFound.Error($"Certificate {id} does not exist."));
        }
        else if (given is not null)
        {
            (issuer, var problem) = RegistryRules.IssuerOf(given, state.Cas);
            Check(resource.LogicalId, problem);
        }

        return new(null, resource.Status, issuer, isExclusive, IsAttachedAnew: true);
    }

    /// <summary>
    /// A certificate that waits for its activation gets it: that is what a just-in-time registration is for. Of any other
    /// the template's override settings decide.
    /// </summary>
    private CertificateChange Override(CertificateResource resource, CertificateState existing, bool isExclusive)
    {
        if (resource.StatusOverride == OverrideAction.Fail)
            Check(resource.LogicalId, RegistryRules.MustNotExist($"Certificate {existing.Id}", "Status"));
        var status = resource.StatusOverride == OverrideAction.Replace || existing.Status == CertificateStatus.PendingActivation ? resource.Status : existing.Status;
        Check(resource.LogicalId, RegistryRules.StatusProblem(existing.Id, existing.Status, status));
        return new(existing, status, Issuer: null, isExclusive, existing.IsExclusiveHere != isExclusive);
    }

    private ThingChange Add(ThingResource resource, in RegistryState state)
    {
        var attributes = RegistryRules.WithoutEmpty(resource.Attributes);
        Check(resource.LogicalId, RegistryRules.AttributesProblem(attributes.Count, resource.ThingTypeName is not null));
        if (resource.ThingTypeName is { } type)
            Check(resource.LogicalId, RegistryRules.TypeProblem(type, state.ThingType));
        if (resource.BillingGroup is { } billingGroup && state.BillingGroup is null)
            Check(resource.LogicalId, RegistryRules.NoSuchBillingGroup(billingGroup));
        return new(null, resource.ThingTypeName, attributes, resource.BillingGroup, GroupsWith(resource, [], state), []);
    }

    private ThingChange Override(ThingResource resource, ThingState existing, in RegistryState state)
    {
        var attributes = existing.Attributes;
        if (Decides(resource, resource.AttributePayloadOverride, resource.Attributes, "AttributePayload"))
            attributes = resource.AttributePayloadOverride == OverrideAction.Merge
                ? RegistryRules.Merge(existing.Attributes, resource.Attributes!)
                : RegistryRules.WithoutEmpty(resource.Attributes);
        var type = Decides(resource, resource.ThingTypeNameOverride, resource.ThingTypeName, "ThingTypeName") ? resource.ThingTypeName : existing.TypeName;
        if (type is not null && type != existing.TypeName)
            Check(resource.LogicalId, RegistryRules.TypeProblem(type, state.ThingType));
        if (type != existing.TypeName || !RegistryRules.AreEqual(attributes, existing.Attributes))
            Check(resource.LogicalId, RegistryRules.AttributesProblem(attributes.Count, type is not null));

        var billingGroup = resource is { OverridesBillingGroup: true, BillingGroup: { } named } ? named : existing.BillingGroupName;
        if (billingGroup is not null && billingGroup != existing.BillingGroupName && state.BillingGroup is null)
            Check(resource.LogicalId, RegistryRules.NoSuchBillingGroup(billingGroup));

        if (!Decides(resource, resource.ThingGroupsOverride, resource.ThingGroups, "ThingGroups"))
            return new(existing, type, attributes, billingGroup, [], []);
        var replaces = resource.ThingGroupsOverride == OverrideAction.Replace;
        var wanted = GroupsWith(resource, replaces ? [] : existing.Groups, state);
        return new(
            existing, type, attributes, billingGroup,
            replaces ? [.. wanted.Where(group => !Contains(existing.Groups, group.Name))] : wanted,
            replaces ? [.. existing.Groups.Where(group => !Contains(wanted, group.Name))] : []);
    }

    /// <summary>Whether what the template says of an existing thing's property counts.</summary>
    private bool Decides(ThingResource resource, OverrideAction action, object? given, string property)
    {
        if (given is null || action == OverrideAction.DoNothing)
            return false;
        if (action == OverrideAction.Fail)
            Check(resource.LogicalId, RegistryRules.MustNotExist($"Thing {resource.ThingName}", property));
        return true;
    }

    /// <returns>The groups to which the thing is added, beside those in which it is.</returns>
    private List<GroupState> GroupsWith(ThingResource resource, IReadOnlyList<GroupState> present, in RegistryState state)
    {
        if (resource.ThingGroups is not { Count: > 0 } named)
            return [];
        var all = new List<GroupState>(present);
        for (var i = 0; i < named.Count; i++)
        {
            if (state.Groups[i] is not { } group)
            {
                Check(resource.LogicalId, RegistryRules.NoSuchGroup(named[i]));
                continue;
            }

            if (Contains(all, group.Name))
                continue;
            var problem = RegistryRules.GroupProblem(all, group);
            Check(resource.LogicalId, problem);
            if (problem is null)
                all.Add(group);
        }

        all.RemoveRange(0, present.Count);
        return all;
    }

    /// <summary>An existing policy is used as it is, and never changed.</summary>
    private PolicyChange[] Decide(IReadOnlyList<PolicyResource> resources, in RegistryState state)
    {
        var changes = new PolicyChange[resources.Count];
        var attached = state.Certificate?.PolicyNames.Count ?? 0;
        for (var i = 0; i < changes.Length; i++)
        {
            var (logicalId, name, document, acceptsAnyDocument, nameIfTaken) = resources[i];
            var stored = state.Policies[i];
            var (existing, first) = Find(changes, i, name, stored);
            if (nameIfTaken is not null && existing is not null && RegistryRules.DocumentProblem(name, existing.Document, document!) is not null)
            {
                (name, stored) = (nameIfTaken, state.PoliciesIfTaken[i]);
                (existing, first) = Find(changes, i, name, stored);
            }

            if (existing is null && document is null)
                Check(logicalId, RegistryRules.NoSuchPolicy(name));
            else if (existing is not null && document is not null && !acceptsAnyDocument)
                Check(logicalId, RegistryRules.DocumentProblem(name, existing.Document, document));

            var isAttachedAnew = Certificate is not null && first < 0 && state.Certificate?.PolicyNames.Contains(name) is not true;
            if (isAttachedAnew)
                Check(logicalId, RegistryRules.PolicyCountProblem(attached++));
            changes[i] = new(name, document, stored, first >= 0 ? first : null, isAttachedAnew);
        }

        return changes;
    }

    /// <summary>A policy as it is after those before it: the registry's, or one that they make.</summary>
    private static (PolicyState? Existing, int First) Find(PolicyChange[] changes, int count, string name, PolicyState? stored)
    {
        var first = count == 0 ? -1 : Array.FindIndex(changes, 0, count, change => change.Name == name);
        return (first >= 0 && changes[first].IsMade ? new(changes[first].Document) : stored, first);
    }

    private static bool Contains(IReadOnlyList<GroupState> groups, string name)
    {
        foreach (var group in groups)
            if (group.Name == name)
                return true;
        return false;
    }

    private void Check(string logicalId, CdfException? problem)
    {
        if (problem is not null)
            (_problems ??= []).Add(new(logicalId, problem));
    }
}

/// <summary>Why a registration fails.</summary>
/// <param name="LogicalId">The template's name of the resource that cannot be registered.</param>
/// <param name="Error">Why.</param>
internal readonly record struct RegistrationProblem(string LogicalId, CdfException Error);

/// <summary>What a registration does to a thing: what it is afterwards, and how its groups change.</summary>
/// <param name="Before">What it was; null for a new one.</param>
/// <param name="TypeName">Its type.</param>
/// <param name="Attributes">Its attributes.</param>
/// <param name="BillingGroupName">Its billing group.</param>
/// <param name="AddedGroups">The groups to which it is added.</param>
/// <param name="RemovedGroups">The groups from which it is removed, before that.</param>
internal sealed record ThingChange(
    ThingState? Before, string? TypeName, IReadOnlyDictionary<string, string> Attributes, string? BillingGroupName,
    IReadOnlyList<GroupState> AddedGroups, IReadOnlyList<GroupState> RemovedGroups)
{
    public bool TypeChanges => Before is { } before && TypeName != before.TypeName;

    /// <summary>Whether an existing thing gets another type or other attributes.</summary>
    public bool IsUpdated => Before is { } before && (TypeName != before.TypeName || !RegistryRules.AreEqual(Attributes, before.Attributes));
}

/// <summary>What a registration does to a certificate.</summary>
/// <param name="Before">What it was; null for one that is registered now.</param>
/// <param name="Status">Its status afterwards.</param>
/// <param name="Issuer">The CA that signed it, if it is registered now and was not made here.</param>
/// <param name="IsExclusive">Whether it is the thing's alone.</param>
/// <param name="IsAttachedAnew">Whether it was not attached to the thing in that way before.</param>
internal sealed record CertificateChange(CertificateState? Before, string Status, CaState? Issuer, bool IsExclusive, bool IsAttachedAnew)
{
    public bool StatusChanges => Before is not null && Before.Status != Status;
}

/// <summary>What a registration does to a policy.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Document">The document with which it is made if it does not exist.</param>
/// <param name="Existing">The policy, if it exists.</param>
/// <param name="First">The place of the first policy of the same name, if this is not it.</param>
/// <param name="IsAttachedAnew">Whether it was not attached to the certificate before.</param>
internal sealed record PolicyChange(string Name, string? Document, PolicyState? Existing, int? First, bool IsAttachedAnew)
{
    /// <summary>Whether it is made now.</summary>
    public bool IsMade => Existing is null && First is null && Document is not null;
}
