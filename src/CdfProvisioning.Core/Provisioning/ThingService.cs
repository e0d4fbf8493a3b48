using System.Runtime.CompilerServices;
using CdfProvisioning.Hierarchies;
using CdfProvisioning.Iot;
using CdfProvisioning.Keys;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning;

/// <summary>What CDF Provisioning does with one thing: provision, get, remove, set the status of its certificates.</summary>
internal sealed class ThingService(IDeviceRegistry registry, TemplateCatalog templates, Provisioner provisioner, ProvisioningSettings settings)
{
    public ValueTask<ProvisionResponse> ProvisionAsync(ProvisionRequest request, CancellationToken cancellationToken) =>
        ProvisionAsync(request, keys: (KeyDirectory?)null, cancellationToken);

    /// <summary>Provisions a thing. A key that is made for it is in its file in <paramref name="keys"/>, if that is given, before the thing is registered.</summary>
    public ValueTask<ProvisionResponse> ProvisionAsync(ProvisionRequest request, KeyDirectory? keys, CancellationToken cancellationToken) =>
        CountAsync(request, provisioning => provisioner.RegisterAsync(provisioning, keys, cancellationToken), cancellationToken);

    /// <summary>Provisions a thing whose key is to be handed out. Until the device is delivered, its key is in <paramref name="undelivered"/>.</summary>
    public ValueTask<UndeliveredDevice> ProvisionAsync(ProvisionRequest request, UndeliveredKeys undelivered, CancellationToken cancellationToken) =>
        CountAsync(request, provisioning => provisioner.RegisterAsync(provisioning, undelivered, cancellationToken), cancellationToken);

    /// <summary>Says what <see cref="ProvisionAsync(ProvisionRequest, KeyDirectory?, CancellationToken)"/> would register, and why it would fail; makes no key and changes nothing.</summary>
    public async ValueTask<ProvisionPlan> PlanAsync(ProvisionRequest request, KeyDirectory? keys, CancellationToken cancellationToken)
    {
        var template = await CompileAsync(request.ProvisioningTemplateId, request.GroupPath, cancellationToken);
        return await provisioner.CreatePlanner().PlanAsync(template, request.Parameters, request.CdfProvisioningParameters, keys, cancellationToken);
    }

    /// <inheritdoc cref="PlanAsync(ProvisionRequest, KeyDirectory?, CancellationToken)"/>
    public ValueTask<ProvisionPlan> PlanAsync(ProvisionRequest request, CancellationToken cancellationToken) => PlanAsync(request, keys: null, cancellationToken);

    /// <inheritdoc cref="PlanAsync(ProvisionRequest, KeyDirectory?, CancellationToken)"/>
    public ValueTask<ProvisionPlan> PlanAsync(
        ProvisioningTemplate template, IReadOnlyDictionary<string, string> parameters, CdfProvisioningParameters? cdfParameters, CancellationToken cancellationToken) =>
        provisioner.CreatePlanner().PlanAsync(template, parameters, cdfParameters, keys: null, cancellationToken);

    /// <summary>The template of that id, or the one that applies at that place.</summary>
    /// <exception cref="CdfException">NotFound, Conflict, InvalidTemplate.</exception>
    public async ValueTask<ProvisioningTemplate> CompileAsync(string? templateId, IReadOnlyList<string>? groupPath, CancellationToken cancellationToken) =>
        ProvisioningTemplate.Compile((await templates.GetAsync(templateId, groupPath, cancellationToken)).Body);

    /// <exception cref="CdfException">NotFound.</exception>
    public ValueTask<Thing> GetAsync(string thingName, CancellationToken cancellationToken) =>
        registry.ReadAsOneAsync(r => ThingReader.ReadAsync(r, thingName, cancellationToken), cancellationToken);

    /// <summary>The names of things of which those that begin with a prefix, in any case, are wanted.</summary>
    public IAsyncEnumerable<string> ListNamesAsync(string prefix, CancellationToken cancellationToken) => registry.NamesAsync(NamedResource.Thing, prefix, cancellationToken);

    /// <summary>The names of things, in the registry's order.</summary>
    /// <param name="thingType">Only those of this type.</param>
    /// <param name="group">Only those in this group.</param>
    /// <param name="recurse">And in the groups below it.</param>
    /// <param name="attributes">Only those that have all of these.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async IAsyncEnumerable<string> ListNamesAsync(
        string? thingType, string? group, bool recurse, IReadOnlyDictionary<string, string>? attributes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (group is null)
        {
            await foreach (var thing in registry.ThingsAsync(thingType, attributes?.FirstOrDefault(), cancellationToken))
            {
                if (HasAll(thing.Attributes, attributes))
                    yield return thing.ThingName!;
            }
            yield break;
        }

        await foreach (var name in registry.ThingsInGroupAsync(group, recurse, cancellationToken))
        {
            if ((thingType is null && attributes is null) || await IsAsync(name, thingType, attributes, cancellationToken))
                yield return name;
        }
    }

    /// <summary>The names of the things that a query of the index finds.</summary>
    /// <exception cref="CdfException">InvalidRequest: the query cannot be read. Conflict: the index is switched off.</exception>
    public IAsyncEnumerable<string> SearchNamesAsync(string query, CancellationToken cancellationToken) =>
        registry.SearchThingsAsync(query, cancellationToken).Select(thing => thing.ThingName!);

    /// <summary>Deletes a thing, and its certificates and policies if the connection's settings say so.</summary>
    /// <exception cref="CdfException">NotFound.</exception>
    public ValueTask RemoveAsync(string thingName, CancellationToken cancellationToken) =>
        RemoveAsync(thingName, includeCertificates: null, includePolicies: null, cancellationToken);

    /// <summary>Deletes a thing, as <see cref="RemoveEachAsync"/> deletes several.</summary>
    /// <exception cref="CdfException">NotFound.</exception>
    public ValueTask RemoveAsync(string thingName, bool? includeCertificates, bool? includePolicies, CancellationToken cancellationToken) =>
        OnlyAsync(RemoveEachAsync([thingName], includeCertificates, includePolicies, cancellationToken));

    /// <summary>Deletes things.</summary>
    /// <param name="thingNames">Their names.</param>
    /// <param name="includeCertificates">Whether their certificates go too, unless another thing uses them; null for the connection's setting.</param>
    /// <param name="includePolicies">Whether their policies go too, unless they are used elsewhere; null for the connection's setting.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Each thing, in their order, and why it could not be deleted (NotFound).</returns>
    public async IAsyncEnumerable<(string ThingName, CdfException? Failure)> RemoveEachAsync(
        IReadOnlyList<string> thingNames, bool? includeCertificates, bool? includePolicies, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (certificates, policies) = (includeCertificates ?? settings.DeleteCertificates, includePolicies ?? settings.DeletePolicies);
        await foreach (var together in TogetherAsync(thingNames, certificates, policies, cancellationToken))
            await foreach (var removed in registry.ChangeEachAsync(together, RemoveAsync, cancellationToken))
                yield return removed;

        async ValueTask RemoveAsync(IDeviceRegistry r, string thingName)
        {
            await r.InvokeAsync(new DescribeThingRequest(thingName), cancellationToken);
            await new ThingRemoval(r, thingName, cancellationToken).RunAsync(certificates, policies);
        }
    }

    /// <summary>Says which certificates and policies go with a thing, and which stay.</summary>
    /// <exception cref="CdfException">NotFound.</exception>
    public async ValueTask<string> PlanRemovalAsync(string thingName, bool? includeCertificates, bool? includePolicies, CancellationToken cancellationToken)
    {
        await registry.InvokeAsync(new DescribeThingRequest(thingName), cancellationToken);
        return await registry.ReadAsOneAsync(
            r => new ThingRemoval(r, thingName, cancellationToken).DescribeAsync(includeCertificates ?? settings.DeleteCertificates, includePolicies ?? settings.DeletePolicies),
            cancellationToken);
    }

    /// <exception cref="CdfException">NotFound: there is no such thing, or it has no certificate.</exception>
    public async ValueTask CheckHasCertificateAsync(string thingName, CancellationToken cancellationToken) => await CertificatesOfAsync(registry, thingName, cancellationToken);

    /// <summary>Sets the status of every certificate attached to the thing.</summary>
    /// <exception cref="CdfException">NotFound, also where the thing has no certificate; InvalidRequest.</exception>
    public ValueTask SetCertificateStatusAsync(string thingName, string status, CancellationToken cancellationToken) =>
        OnlyAsync(SetCertificateStatusOfEachAsync([thingName], status, cancellationToken));

    /// <summary>Sets the status of every certificate attached to things.</summary>
    /// <returns>Each thing, in their order, and why it failed (NotFound, also where the thing has no certificate).</returns>
    /// <exception cref="CdfException">InvalidRequest: that cannot be set.</exception>
    public IAsyncEnumerable<(string ThingName, CdfException? Failure)> SetCertificateStatusOfEachAsync(
        IReadOnlyList<string> thingNames, string status, CancellationToken cancellationToken)
    {
        if (!CertificateStatus.Settable.Contains(status))
            throw CdfErrorCode.InvalidRequest.Error(
                $"'{status}' is not a certificate status that can be set: use {string.Join(", ", CertificateStatus.Settable)}.");
        return registry.ChangeEachAsync(
            thingNames,
            async (r, thingName) =>
            {
                foreach (var id in await CertificatesOfAsync(r, thingName, cancellationToken))
                    await r.InvokeAsync(new UpdateCertificateRequest(id, status), cancellationToken);
            },
            cancellationToken);
    }

    /// <summary>Prepares a device and registers it, and counts it.</summary>
    private async ValueTask<T> CountAsync<T>(ProvisionRequest request, Func<DeviceProvisioning, ValueTask<T>> register, CancellationToken cancellationToken)
    {
        var succeeded = false;
        try
        {
            var template = await CompileAsync(request.ProvisioningTemplateId, request.GroupPath, cancellationToken);
            var provisioning = await provisioner.PrepareAsync(template, request.Parameters, request.CdfProvisioningParameters, cancellationToken);
            var registered = await register(provisioning);
            succeeded = true;
            return registered;
        }
        finally
        {
            ProvisioningMetrics.Add(1, isOfList: false, succeeded);
        }
    }

    /// <summary>
    /// Splits things into such that can be removed together. Each looks whether others use its certificates and policies: without
    /// transactions those that share some are not removed side by side, for then all would leave them to the others.
    /// </summary>
    private async IAsyncEnumerable<IReadOnlyList<string>> TogetherAsync(
        IReadOnlyList<string> thingNames, bool includeCertificates, bool includePolicies, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (registry is ITransactionalRegistry || thingNames.Count == 1)
        {
            yield return thingNames;
            yield break;
        }

        var principals = includeCertificates && !includePolicies
            ? await registry.ReadAtOnceAsync(thingNames, PrincipalsAsync, cancellationToken)
            : null;
        var together = new List<string>();
        var taken = new HashSet<string>();
        for (var i = 0; i < thingNames.Count; i++)
        {
            string[] own = [thingNames[i], .. principals?[i] ?? []];
            if (together.Count > 0 && (includePolicies || own.Any(taken.Contains)))
            {
                yield return together;
                together = [];
                taken.Clear();
            }

            together.Add(thingNames[i]);
            taken.UnionWith(own);
        }

        yield return together;

        static async ValueTask<List<string>> PrincipalsAsync(IDeviceRegistry registry, string thingName, CancellationToken cancellationToken)
        {
            try
            {
                return await registry.PrincipalsAsync(thingName, cancellationToken).ToListAsync(cancellationToken);
            }
            catch (CdfException e) when (e.Code == CdfErrorCode.NotFound)
            {
                return [];
            }
        }
    }

    private static async ValueTask OnlyAsync(IAsyncEnumerable<(string ThingName, CdfException? Failure)> changes)
    {
        if ((await changes.SingleAsync()).Failure is { } failure)
            throw failure;
    }

    private static async ValueTask<List<string>> CertificatesOfAsync(IDeviceRegistry registry, string thingName, CancellationToken cancellationToken)
    {
        await registry.InvokeAsync(new DescribeThingRequest(thingName), cancellationToken);
        var ids = new List<string>();
        await foreach (var principal in registry.PrincipalsAsync(thingName, cancellationToken))
        {
            if (Arn.CertificateId(principal) is { } id)
                ids.Add(id);
        }

        return ids.Count > 0 ? ids : throw CdfErrorCode.NotFound.Error($"Thing '{thingName}' has no certificate attached.");
    }

    private async ValueTask<bool> IsAsync(string thingName, string? thingType, IReadOnlyDictionary<string, string>? attributes, CancellationToken cancellationToken) =>
        await registry.InvokeAsync(new DescribeThingRequest(thingName), cancellationToken) is var thing
        && (thingType is null || thing.ThingTypeName == thingType)
        && HasAll(thing.Attributes, attributes);

    private static bool HasAll(IReadOnlyDictionary<string, string>? there, IReadOnlyDictionary<string, string>? wanted) =>
        wanted is null || wanted.All(attribute => there is not null && there.TryGetValue(attribute.Key, out var value) && value == attribute.Value);
}
