using CdfProvisioning.Iot;

namespace CdfProvisioning.Fleet;

/// <summary>
/// Sums what there is in a registry that cannot: everything is listed, and each certificate asked for by itself. Of a thing nothing
/// is kept but what tells it from others.
/// </summary>
internal sealed class StreamedTotals(IDeviceRegistry registry, bool asksForCertificates, DateTimeOffset now, Action<ReportProgress> report)
{
    public const string Certificates = "Certificates";

    private const int ReportInterval = 1_000;
    private const string AnyThing = "*";

    private readonly SortedDictionary<string, (long Certificates, HashSet<UInt128> Things)> _byStatus = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<UInt128>> _thingsOfPolicies = [];
    private readonly HashSet<UInt128> _thingsWithCertificate = [];
    private readonly SortedDictionary<DateOnly, long> _byMonth = [];
    private long _expired;
    private long _soon;

    public async ValueTask<FleetTotals> SumAsync(CancellationToken cancellationToken)
    {
        var (things, byType) = await IndexedTypesAsync(cancellationToken) ?? await ListedTypesAsync(cancellationToken);
        var (byGroup, groupsOfPolicies) = await GroupsAsync(cancellationToken);
        if (asksForCertificates)
            await AskForCertificatesAsync(cancellationToken);
        else
            await ListCertificatesAsync(cancellationToken);
        return new()
        {
            Things = things,
            ThingsByType = byType,
            ThingsByGroup = byGroup,
            ByStatus = [.. _byStatus.Select(status => new StatusTotals(status.Key, status.Value.Certificates, asksForCertificates ? status.Value.Things.Count : null))],
            ThingsWithoutCertificate = asksForCertificates ? things - _thingsWithCertificate.Count : null,
            Expiry = asksForCertificates ? new(_expired, _soon, [.. _byMonth.Select(month => new MonthCount(month.Key, month.Value))]) : null,
            Policies = await PoliciesAsync(groupsOfPolicies, cancellationToken),
        };
    }

    /// <summary>By the index of things, one question a type; null where it is switched off, or the caller may not ask it.</summary>
    private async ValueTask<(long Things, IReadOnlyList<NamedCount> ByType)?> IndexedTypesAsync(CancellationToken cancellationToken)
    {
        try
        {
            var all = await CountAsync(AnyThing, cancellationToken);
            var types = await registry.ThingTypesAsync(cancellationToken).Select(type => type.ThingTypeName!).Order(StringComparer.Ordinal).ToListAsync(cancellationToken);
            if (types.Exists(type => type.Contains(':', StringComparison.Ordinal)))
                return null; // which means something else in a query
            var counts = new List<NamedCount>();
            foreach (var type in types)
                counts.Add(new(type, await CountAsync($"thingTypeName:{type}", cancellationToken)));
            return (all, WithoutType(all, counts));
        }
        catch (CdfException e) when (e.Code is CdfErrorCode.Conflict or CdfErrorCode.AccessDenied or CdfErrorCode.NotFound or CdfErrorCode.InvalidRequest)
        {
            return null;
        }
    }

    private async ValueTask<long> CountAsync(string query, CancellationToken cancellationToken) =>
        (await registry.InvokeAsync(new GetStatisticsRequest(query), cancellationToken)).Statistics?.Count ?? 0;

    private async ValueTask<(long Things, IReadOnlyList<NamedCount> ByType)> ListedTypesAsync(CancellationToken cancellationToken)
    {
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        await foreach (var type in registry.ThingTypesAsync(cancellationToken))
            counts[type.ThingTypeName!] = 0;
        var all = 0L;
        await foreach (var thing in registry.ThingsAsync(thingType: null, attribute: null, cancellationToken))
        {
            if (thing.ThingTypeName is { } type)
                counts[type] = counts.GetValueOrDefault(type) + 1;
            if (++all % ReportInterval == 0)
                report(new("Things", all, null));
        }

        return (all, WithoutType(all, [.. counts.Select(count => new NamedCount(count.Key, count.Value))]));
    }

    private static IReadOnlyList<NamedCount> WithoutType(long all, IReadOnlyList<NamedCount> counts) =>
        all - counts.Sum(count => count.Count) is var without and > 0 ? [.. counts, new(null, without)] : counts;

    private async ValueTask<(IReadOnlyList<NamedCount> ByGroup, ILookup<string, string> OfPolicies)> GroupsAsync(CancellationToken cancellationToken)
    {
        var counts = new List<NamedCount>();
        var policies = new List<(string Policy, string Group)>();
        var done = 0L;
        await foreach (var group in registry.ThingGroupsAsync(namePrefix: null, cancellationToken).OrderBy(group => group.GroupName, StringComparer.Ordinal))
        {
            var count = 0L;
            await foreach (var _ in registry.ThingsInGroupAsync(group.GroupName!, recursive: false, cancellationToken))
            {
                count++;
                if (++done % ReportInterval == 0)
                    report(new("Things of groups", done, null));
            }
            counts.Add(new(group.GroupName, count));
            await foreach (var policy in registry.AttachedPoliciesAsync(group.GroupArn!, cancellationToken))
                policies.Add((policy.PolicyName!, group.GroupName!));
        }

        return (counts, policies.ToLookup(pair => pair.Policy, pair => pair.Group));
    }

    private async ValueTask ListCertificatesAsync(CancellationToken cancellationToken)
    {
        await foreach (var certificate in registry.CertificatesAsync(cancellationToken))
            OfStatus(certificate.Status);
    }

    private async ValueTask AskForCertificatesAsync(CancellationToken cancellationToken)
    {
        var count = await registry.CertificatesAsync(cancellationToken).LongCountAsync(cancellationToken);
        report(new(Certificates, 0, count));
        var done = 0L;
        await foreach (var certificate in new CertificateService(registry, registry).FindAsync(new(), cancellationToken))
        {
            Add(certificate);
            if (++done % (ReportInterval / 10) == 0)
                report(new(Certificates, done, count));
        }
    }

    private void Add(DeviceCertificate certificate)
    {
        var ofStatus = OfStatus(certificate.Status);
        foreach (var key in certificate.Things.Select(NameKey.Of))
        {
            ofStatus.Add(key);
            _thingsWithCertificate.Add(key);
            foreach (var policy in certificate.Policies)
                ThingsOf(policy).Add(key);
        }

        if (certificate.Status != CertificateStatus.Active)
            return;
        if (certificate.NotAfter < now)
        {
            _expired++;
            return;
        }
        if (certificate.NotAfter < now + FleetTotals.Soon)
            _soon++;
        var month = new DateOnly(certificate.NotAfter.UtcDateTime.Year, certificate.NotAfter.UtcDateTime.Month, 1);
        _byMonth[month] = _byMonth.GetValueOrDefault(month) + 1;
    }

    private HashSet<UInt128> OfStatus(string? status)
    {
        var (count, things) = _byStatus.GetValueOrDefault(status ?? "");
        _byStatus[status ?? ""] = (count + 1, things ??= []);
        return things;
    }

    private HashSet<UInt128> ThingsOf(string policy) => _thingsOfPolicies.TryGetValue(policy, out var things) ? things : _thingsOfPolicies[policy] = [];

    private async ValueTask<IReadOnlyList<PolicyTotals>> PoliciesAsync(ILookup<string, string> groups, CancellationToken cancellationToken)
    {
        var totals = new List<PolicyTotals>();
        await foreach (var policy in registry.PoliciesAsync(cancellationToken))
        {
            var name = policy.PolicyName!;
            if (await registry.FindPolicyAsync(name, cancellationToken) is not { } described)
                continue;
            var certificates = await registry.TargetsOfPolicyAsync(name, cancellationToken).LongCountAsync(target => Arn.CertificateId(target) is not null, cancellationToken);
            foreach (var group in asksForCertificates ? groups[name] : [])
                await foreach (var thing in registry.ThingsInGroupAsync(group, recursive: true, cancellationToken))
                    ThingsOf(name).Add(NameKey.Of(thing));
            totals.Add(new(name, described.CreationDate, certificates, [.. groups[name]], asksForCertificates ? ThingsOf(name).Count : null));
            report(new("Policies", totals.Count, null));
        }

        return [.. totals.OrderByDescending(policy => policy.Created).ThenBy(policy => policy.Name, StringComparer.Ordinal)];
    }
}
