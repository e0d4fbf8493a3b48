using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Undo;

namespace CdfProvisioning.Provisioning;

/// <summary>
/// Deletes a thing, and with it, if so told, its certificates and their policies: not those that anything else uses. What
/// can fail without harm comes first, so that the deletion can be repeated.
/// </summary>
internal sealed class ThingRemoval(IDeviceRegistry registry, string thingName, CancellationToken cancellationToken)
{
    public async ValueTask RunAsync(bool includeCertificates, bool includePolicies)
    {
        var principals = await registry.PrincipalsAsync(thingName, cancellationToken).ToListAsync(cancellationToken);
        var own = includeCertificates || includePolicies ? await principals.ToAsyncEnumerable().Where(IsOwnAsync).ToListAsync(cancellationToken) : [];
        if (includePolicies)
            await DeletePoliciesAsync(own);
        foreach (var principal in principals)
            await registry.InvokeAsync(new DetachThingPrincipalRequest(thingName, principal), cancellationToken);
        foreach (var certificate in includeCertificates ? own : [])
            await DeleteCertificateAsync(Arn.CertificateId(certificate)!);
        await Detached.DeleteThingAsync(registry, thingName, cancellationToken);
    }

    /// <summary>Says, changing nothing, what would go and what would stay.</summary>
    public async ValueTask<string> DescribeAsync(bool includeCertificates, bool includePolicies)
    {
        var certificates = await registry.PrincipalsAsync(thingName, cancellationToken).Where(principal => Arn.CertificateId(principal) is not null).ToListAsync(cancellationToken);
        if (certificates.Count == 0)
            return $"{thingName}, which has no certificate";
        var own = await certificates.ToAsyncEnumerable().Where(IsOwnAsync).ToListAsync(cancellationToken);
        var (going, staying) = includeCertificates ? (own, certificates.Except(own).ToList()) : ([], certificates);
        var policies = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var certificate in certificates)
        {
            await foreach (var policy in registry.AttachedPoliciesAsync(certificate, cancellationToken))
                policies.Add(policy.PolicyName!);
        }

        var goingPolicies = !includePolicies ? [] : await policies.ToAsyncEnumerable()
            .Where(async (policy, token) => (await registry.TargetsOfPolicyAsync(policy, token).ToListAsync(token)).TrueForAll(own.Contains))
            .ToListAsync(cancellationToken);
        return string.Join("; ", new[]
        {
            thingName,
            Listed(going.Select(Short), "deleted with it: certificate"),
            Listed(staying.Select(Short), "detached, and stays: certificate"),
            Listed(goingPolicies, "deleted with it: policy"),
            Listed(policies.Except(goingPolicies), "stays: policy"),
        }.Where(part => part.Length > 0));

        static string Short(string arn) => Arn.CertificateId(arn)![..8];

        static string Listed(IEnumerable<string> names, string what) => string.Join(", ", names) is { Length: > 0 } list ? $"{what} {list}" : "";
    }

    /// <summary>Whether a principal is a certificate, and of no other thing.</summary>
    private async ValueTask<bool> IsOwnAsync(string principal, CancellationToken cancellationToken) =>
        Arn.CertificateId(principal) is not null
        && await registry.ThingsOfPrincipalAsync(principal, cancellationToken).AllAsync(thing => thing == thingName, cancellationToken);

    private async ValueTask DeletePoliciesAsync(IReadOnlyList<string> certificates)
    {
        var policies = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var certificate in certificates)
        {
            await foreach (var policy in registry.AttachedPoliciesAsync(certificate, cancellationToken))
                policies.Add(policy.PolicyName!);
        }

        foreach (var policy in policies)
        {
            var targets = await registry.TargetsOfPolicyAsync(policy, cancellationToken).ToListAsync(cancellationToken);
            if (!targets.TrueForAll(certificates.Contains))
                continue;
            foreach (var target in targets)
                await registry.InvokeAsync(new DetachPolicyRequest(policy, target), cancellationToken);
            await DeleteVersionsAsync(policy);
            await Undoing.IgnoreMissingAsync(registry.InvokeAsync(new DeletePolicyRequest(policy), cancellationToken));
        }
    }

    /// <summary>A policy goes only with its last version, the default one.</summary>
    private async ValueTask DeleteVersionsAsync(string policyName)
    {
        var versions = (await registry.InvokeAsync(new ListPolicyVersionsRequest(policyName), cancellationToken)).PolicyVersions ?? [];
        foreach (var version in versions.Where(v => v.IsDefaultVersion is not true))
            await Undoing.IgnoreMissingAsync(registry.InvokeAsync(new DeletePolicyVersionRequest(policyName, version.VersionId!), cancellationToken));
    }

    private async ValueTask DeleteCertificateAsync(string certificateId)
    {
        try
        {
            await Detached.DeleteCertificateAsync(registry, certificateId, cancellationToken);
        }
        catch (CdfException e)
        {
            throw e.ErrorType.Error($"Certificate {certificateId} of thing '{thingName}' is detached, but could not be deleted: {e.Message}", e);
        }
    }
}
