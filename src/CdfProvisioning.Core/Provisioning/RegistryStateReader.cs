using System.Collections.Concurrent;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Decisions;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning;

/// <summary>Reads what a registry has of a registration, by the operations that every registry has. What devices have in common (types, groups, policies, CAs) is looked up once each.</summary>
internal sealed class RegistryStateReader(IDeviceRegistry registry)
{
    private readonly ConcurrentDictionary<object, Lazy<Task<object?>>> _answers = new();

    /// <param name="resources">The template's resources for a device.</param>
    /// <param name="certificateId">The id of its certificate, if that may be registered already.</param>
    /// <param name="given">The certificate that comes with it as PEM, if one does.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async ValueTask<RegistryState> ReadAsync(ResolvedTemplate resources, string? certificateId, GivenCertificate? given, CancellationToken cancellationToken)
    {
        var thing = resources.Thing;
        var certificate = certificateId is null ? null : await ReadCertificateAsync(certificateId, thing?.ThingName, cancellationToken);
        return new RegistryState
        {
            Thing = thing is null ? null : await ReadThingAsync(thing.ThingName, cancellationToken),
            Certificate = certificate,
            Cas = certificate is null && given is not null ? await PossibleIssuersOfAsync(given, cancellationToken) : [],
            ThingType = thing?.ThingTypeName is { } type ? await FindTypeAsync(type, cancellationToken) : null,
            BillingGroup = thing?.BillingGroup is { } billingGroup && await HasBillingGroupAsync(billingGroup, cancellationToken) ? new() : null,
            Groups = await ReadAllAsync(thing?.ThingGroups ?? [], name => FindGroupAsync(name, cancellationToken)),
            Policies = await ReadAllAsync(resources.Policies, policy => FindPolicyAsync(policy.PolicyName, cancellationToken)),
            PoliciesIfTaken = resources.Policies.Any(policy => policy.NameIfTaken is not null)
                ? await ReadAllAsync(resources.Policies, policy => policy.NameIfTaken is { } name ? FindPolicyAsync(name, cancellationToken) : default)
                : [],
        };
    }

    /// <summary>The type; null if there is none.</summary>
    public async ValueTask<ThingTypeState?> FindTypeAsync(string name, CancellationToken cancellationToken) =>
        await FindAsync(new DescribeThingTypeRequest(name), cancellationToken) is { } type ? new(type.ThingTypeMetadata?.Deprecated ?? false) : null;

    /// <summary>The group; null if there is none.</summary>
    public async ValueTask<GroupState?> FindGroupAsync(string name, CancellationToken cancellationToken) =>
        await FindAsync(new DescribeThingGroupRequest(name), cancellationToken) is not { } group ? null
        : new(name, group.ThingGroupMetadata?.RootToParentThingGroups is [var root, ..] ? root.GroupName : name, IsDynamic: group.QueryString is not null);

    public async ValueTask<bool> HasBillingGroupAsync(string name, CancellationToken cancellationToken) => await FindAsync(new DescribeBillingGroupRequest(name), cancellationToken) is not null;

    /// <summary>The policy; null if there is none.</summary>
    public async ValueTask<PolicyState?> FindPolicyAsync(string name, CancellationToken cancellationToken) =>
        await FindAsync(new GetPolicyRequest(name), cancellationToken) is { } policy ? new(policy.PolicyDocument) : null;

    private async ValueTask<ThingState?> ReadThingAsync(string thingName, CancellationToken cancellationToken)
    {
        if (await registry.FindThingAsync(thingName, cancellationToken) is not { } thing)
            return null;
        var groups = await registry.GroupsOfThingAsync(thingName, cancellationToken).Select(group => group.GroupName!).ToListAsync(cancellationToken);
        return new(
            thing.ThingTypeName, thing.Attributes ?? new Dictionary<string, string>(), thing.BillingGroupName,
            [.. (await ReadAllAsync(groups, name => FindGroupAsync(name, cancellationToken))).OfType<GroupState>().Where(group => !group.IsDynamic)])
        {
            CertificateIds = await registry.PrincipalsAsync(thingName, cancellationToken).Select(Arn.CertificateId).OfType<string>().ToListAsync(cancellationToken),
        };
    }

    private async ValueTask<CertificateState?> ReadCertificateAsync(string certificateId, string? thingName, CancellationToken cancellationToken)
    {
        if (await registry.FindCertificateAsync(certificateId, cancellationToken) is not { } certificate)
            return null;
        var arn = certificate.CertificateArn!;

        // One that is some thing's own is no other's, so that the first page says all there is to know.
        var attached = await registry.InvokeAsync(new ListPrincipalThingsV2Request(arn), cancellationToken);
        var things = (attached.PrincipalThingObjects ?? []).Select(t => new AttachedThing(t.ThingName!, t.ThingPrincipalType == CertificateResource.Exclusive)).ToList();
        var here = things.Find(t => t.ThingName == thingName);
        return new(certificateId, certificate.Status!)
        {
            IsExclusiveHere = here is null && attached.NextToken is not null && thingName is not null ? await IsAttachedAsync(arn, thingName, cancellationToken) : here?.IsExclusive,
            Elsewhere = things.Find(t => t.ThingName != thingName),
            PolicyNames = await registry.AttachedPoliciesAsync(arn, cancellationToken).Select(policy => policy.PolicyName!).ToListAsync(cancellationToken),
        };
    }

    /// <returns>Not exclusively, since there are many; or null.</returns>
    private async ValueTask<bool?> IsAttachedAsync(string arn, string thingName, CancellationToken cancellationToken) =>
        await registry.FindThingAsync(thingName, cancellationToken) is not null && await registry.PrincipalsAsync(thingName, cancellationToken).ContainsAsync(arn, cancellationToken: cancellationToken) ? false : null;

    private async ValueTask<IReadOnlyList<CaState>> PossibleIssuersOfAsync(GivenCertificate given, CancellationToken cancellationToken)
    {
        if (given.CaCertificate is { } ca)
            return await FindCaAsync(ca.Id, cancellationToken) is { } registered ? [registered] : [];
        var issuers = new List<CaState>();
        foreach (var id in await CaIdsAsync(cancellationToken))
            if (await FindCaAsync(id, cancellationToken) is { } registered && registered.Certificate.Subject.Equals(given.Issuer))
                issuers.Add(registered);
        return issuers;
    }

    private async ValueTask<CaState?> FindCaAsync(string id, CancellationToken cancellationToken) => (CaState?)await OnceAsync(
        ("CA", id),
        async () => (await registry.FindAsync(new DescribeCACertificateRequest(id), CancellationToken.None))?.CertificateDescription is { } ca
            ? new CaState(id, ca.Status!, ca.CertificateMode ?? "", ParsedCertificate.FromPem(ca.CertificatePem!, "The CA certificate"))
            : null,
        cancellationToken);

    private async ValueTask<IReadOnlyList<string>> CaIdsAsync(CancellationToken cancellationToken) => (IReadOnlyList<string>)(await OnceAsync(
        "CAs", async () => await registry.CaCertificatesAsync(CancellationToken.None).Select(ca => ca.CertificateId!).ToListAsync(), cancellationToken))!;

    private async ValueTask<T?> FindAsync<T>(IIotRequest<T> request, CancellationToken cancellationToken)
        where T : class =>
        (T?)await OnceAsync(request, async () => await registry.FindAsync(request, CancellationToken.None), cancellationToken);

    private async ValueTask<object?> OnceAsync(object question, Func<Task<object?>> ask, CancellationToken cancellationToken) =>
        await _answers.GetOrAdd(question, _ => new(ask)).Value.WaitAsync(cancellationToken);

    private static async ValueTask<TResult[]> ReadAllAsync<T, TResult>(IReadOnlyList<T> items, Func<T, ValueTask<TResult>> read)
    {
        var results = items.Count == 0 ? [] : new TResult[items.Count];
        for (var i = 0; i < results.Length; i++)
            results[i] = await read(items[i]);
        return results;
    }
}
