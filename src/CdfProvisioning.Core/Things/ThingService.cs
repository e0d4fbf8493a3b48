using System.Runtime.CompilerServices;
using CdfProvisioning.Iot;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Things;

/// <summary>What CDF Provisioning does with one thing: provision, get, remove, set the status of its certificates.</summary>
internal sealed class ThingService(IDeviceRegistry registry, ITemplateStore templates, Provisioner provisioner)
{
    public async ValueTask<ProvisionResponse> ProvisionAsync(ProvisionRequest request, CancellationToken cancellationToken)
    {
        var template = await CompileAsync(request.ProvisioningTemplateId, cancellationToken);
        var provisioning = await provisioner.PrepareAsync(template, request.Parameters, request.CdfProvisioningParameters, cancellationToken);
        return await provisioner.RegisterAsync(provisioning, cancellationToken);
    }

    /// <summary>Says what <see cref="ProvisionAsync"/> would register; makes no key and changes nothing.</summary>
    public async ValueTask<ProvisionPlan> PlanAsync(ProvisionRequest request, CancellationToken cancellationToken)
    {
        var template = await CompileAsync(request.ProvisioningTemplateId, cancellationToken);
        return Planner.Plan(template, request.Parameters);
    }

    /// <exception cref="CdfException">NotFound.</exception>
    public async ValueTask<Thing> GetAsync(string thingName, CancellationToken cancellationToken)
    {
        var thing = await registry.InvokeAsync(new DescribeThingRequest(thingName), cancellationToken);
        var principals = registry.PrincipalsAsync(thingName, cancellationToken)
            .Where(principal => Arn.CertificateId(principal) is not null).ToListAsync(cancellationToken);
        var groupNames = await registry.GroupsOfThingAsync(thingName, cancellationToken).ToListAsync(cancellationToken);
        var certificates = await (await principals).SelectAtOnceAsync(CertificateAsync, cancellationToken);
        var policyNames = new SortedSet<string>(certificates.SelectMany(c => c.PolicyNames), StringComparer.Ordinal);
        var policies = await policyNames.ToList().SelectAtOnceAsync(PolicyAsync, cancellationToken);
        var groups = await groupNames.SelectAtOnceAsync((group, token) => GroupAsync(group.GroupName!, token), cancellationToken);

        return new Thing
        {
            ThingName = thing.ThingName ?? thingName,
            Arn = thing.ThingArn,
            ThingType = thing.ThingTypeName,
            Attributes = thing.Attributes ?? new Dictionary<string, string>(),
            Certificates = [.. certificates.Select(c => c.Certificate)],
            Policies = policies,
            Groups = groups,
        };
    }

    /// <summary>The names of all things, or of those of a type or directly in a group, in the registry's order.</summary>
    public async IAsyncEnumerable<string> ListNamesAsync(
        string? thingType, string? group, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (group is null)
        {
            await foreach (var thing in registry.ThingsAsync(thingType, cancellationToken))
                yield return thing.ThingName!;
            yield break;
        }

        await foreach (var name in registry.ThingsInGroupAsync(group, cancellationToken))
        {
            if (thingType is null || await IsOfTypeAsync(name, thingType, cancellationToken))
                yield return name;
        }
    }

    /// <summary>Detaches the thing's principals and deletes it; its certificates and policies stay.</summary>
    /// <exception cref="CdfException">NotFound.</exception>
    public async ValueTask RemoveAsync(string thingName, CancellationToken cancellationToken)
    {
        await registry.InvokeAsync(new DescribeThingRequest(thingName), cancellationToken);
        var principals = await registry.PrincipalsAsync(thingName, cancellationToken).ToListAsync(cancellationToken);
        await registry.AsOneAsync(
            async r =>
            {
                foreach (var principal in principals)
                    await r.InvokeAsync(new DetachThingPrincipalRequest(thingName, principal), cancellationToken);
                return await r.InvokeAsync(new DeleteThingRequest(thingName), cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>Sets the status of every certificate attached to the thing.</summary>
    /// <exception cref="CdfException">NotFound, also where the thing has no certificate; InvalidRequest.</exception>
    public async ValueTask SetCertificateStatusAsync(string thingName, string status, CancellationToken cancellationToken)
    {
        if (!CertificateStatus.Settable.Contains(status))
            throw IotErrorType.InvalidRequest.Error(
                $"'{status}' is not a certificate status that can be set: use {string.Join(", ", CertificateStatus.Settable)}.");

        await registry.InvokeAsync(new DescribeThingRequest(thingName), cancellationToken);
        var ids = new List<string>();
        await foreach (var principal in registry.PrincipalsAsync(thingName, cancellationToken))
        {
            if (Arn.CertificateId(principal) is { } id)
                ids.Add(id);
        }

        if (ids.Count == 0)
            throw IotErrorType.ResourceNotFound.Error($"Thing '{thingName}' has no certificate attached.");

        await registry.AsOneAsync(
            async r =>
            {
                foreach (var id in ids)
                    await r.InvokeAsync(new UpdateCertificateRequest(id, status), cancellationToken);
                return ids.Count;
            },
            cancellationToken);
    }

    private async ValueTask<ProvisioningTemplate> CompileAsync(string templateId, CancellationToken cancellationToken) =>
        ProvisioningTemplate.Compile((await templates.GetAsync(templateId, cancellationToken)).Body);

    private async ValueTask<(ThingCertificate Certificate, IReadOnlyList<string> PolicyNames)> CertificateAsync(string principal, CancellationToken cancellationToken)
    {
        var id = Arn.CertificateId(principal)!;
        var described = await registry.InvokeAsync(new DescribeCertificateRequest(id), cancellationToken);
        var policies = await registry.AttachedPoliciesAsync(principal, cancellationToken).Select(policy => policy.PolicyName!).ToListAsync(cancellationToken);
        var certificate = described.CertificateDescription;
        return (new ThingCertificate(id, certificate?.CertificateArn, certificate?.Status, certificate?.CertificatePem), policies);
    }

    private async ValueTask<ThingPolicy> PolicyAsync(string policyName, CancellationToken cancellationToken)
    {
        var policy = await registry.InvokeAsync(new GetPolicyRequest(policyName), cancellationToken);
        return new ThingPolicy(policyName, policy.PolicyArn, policy.PolicyDocument);
    }

    private async ValueTask<ThingGroup> GroupAsync(string groupName, CancellationToken cancellationToken)
    {
        var group = await registry.InvokeAsync(new DescribeThingGroupRequest(groupName), cancellationToken);
        var attributes = group.ThingGroupProperties?.AttributePayload?.Attributes ?? new Dictionary<string, string>();
        return new ThingGroup(groupName, group.ThingGroupArn, attributes)
        {
            Ancestors = [.. (group.ThingGroupMetadata?.RootToParentThingGroups ?? []).Select(parent => parent.GroupName!)],
        };
    }

    private async ValueTask<bool> IsOfTypeAsync(string thingName, string thingType, CancellationToken cancellationToken) =>
        (await registry.InvokeAsync(new DescribeThingRequest(thingName), cancellationToken)).ThingTypeName == thingType;
}
