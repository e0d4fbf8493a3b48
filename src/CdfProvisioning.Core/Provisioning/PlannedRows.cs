using CdfProvisioning.Files;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Decisions;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning;

/// <summary>What the rows of a list would have done before the next one, as far as rows can get in each other's way: the same thing, certificate or policy.</summary>
internal sealed class PlannedRows : IDisposable
{
    private readonly SpilledTable _rowOfThing = new();
    private readonly SpilledRecords<PlannedAttachment> _certificates = new();
    private readonly SpilledRecords<PolicyState> _policies = new();

    /// <summary>Whether the keys of all rows go to one file.</summary>
    public bool HasKeyFile { get; init; }

    /// <summary>What the key of a row is filed under if the name of its thing is not known.</summary>
    public static string NameOfKey(long row) => $"row-{row}";

    /// <summary>Whether a row before has registered a thing of that name.</summary>
    public bool HasThing(string thingName) => _rowOfThing.Contains(NameKey.Of(thingName));

    /// <summary>Why a row's thing cannot be registered; null if no row before it has registered it.</summary>
    public CdfException? FindProblem(long row, string? thingName, PlanText text) =>
        thingName is not null && text.IsKnown(thingName) && _rowOfThing.Find(NameKey.Of(thingName)) is { } earlier ? RegistryRules.Repeated(row, thingName, (long)earlier) : null;

    /// <summary>The state that the next row would find.</summary>
    public RegistryState Applied(RegistryState state, ResolvedTemplate resources, string? certificateId)
    {
        if (certificateId is not null && _certificates.Find(NameKey.OfCertificate(certificateId)) is { } attached)
            state = state with
            {
                Certificate = new(certificateId, attached.Status)
                {
                    IsExclusiveHere = state.Certificate?.IsExclusiveHere,
                    Elsewhere = attached.Thing is { } thing ? new(thing, attached.IsExclusive) : state.Certificate?.Elsewhere,
                    PolicyNames = attached.PolicyNames,
                },
            };
        if (_policies.Count > 0 && resources.Policies.Count > 0)
            state = state with
            {
                Policies = [.. resources.Policies.Select((policy, i) => state.Policies[i] ?? _policies.Find(NameKey.Of(policy.PolicyName)))],
                PoliciesIfTaken = [.. state.PoliciesIfTaken.Select((policy, i) => policy ?? _policies.Find(NameKey.Of(resources.Policies[i].NameIfTaken ?? "")))],
            };
        return state;
    }

    /// <summary>A row would succeed.</summary>
    public void Add(long row, ResolvedTemplate resources, RegistrationDecision decision, string? certificateId, PlanText text)
    {
        if (resources.Thing is { ThingName: var name } && text.IsKnown(name))
            _rowOfThing.Set(NameKey.Of(name), (UInt128)row);
        foreach (var policy in decision.Policies)
            if (policy.IsMade && text.IsKnown(policy.Name))
                _policies.Set(NameKey.Of(policy.Name), new(policy.Document));
        if (certificateId is null || decision.Certificate is not { } certificate || IsAsBefore(certificate, decision.Policies))
            return;

        string[] policyNames = [.. (certificate.Before?.PolicyNames ?? []).Union(decision.Policies.Select(policy => policy.Name))];
        _certificates.Set(NameKey.OfCertificate(certificateId), new(certificate.Status, resources.Thing?.ThingName, certificate.IsExclusive, policyNames));
    }

    public void Dispose()
    {
        _rowOfThing.Dispose();
        _certificates.Dispose();
        _policies.Dispose();
    }

    /// <summary>Of what the registry has already there is nothing to remember: of a list that is compared a second time, no certificate.</summary>
    private static bool IsAsBefore(CertificateChange certificate, PolicyChange[] policies) =>
        certificate is { Before: { } before, StatusChanges: false, IsAttachedAnew: false }
        && before.IsExclusiveHere == certificate.IsExclusive
        && Array.TrueForAll(policies, policy => !policy.IsAttachedAnew);

    private sealed record PlannedAttachment(string Status, string? Thing, bool IsExclusive, IReadOnlyCollection<string> PolicyNames);
}
