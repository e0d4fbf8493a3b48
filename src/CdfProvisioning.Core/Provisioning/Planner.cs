using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Extensions;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning;

/// <summary>Says what provisioning devices would register, and why it would fail; makes no key and changes nothing.</summary>
internal sealed class Planner(IDeviceRegistry registry, Func<CdfSection, IReadOnlyList<IProvisioningExtension>> stepsOf)
{
    /// <summary>In the place of what a step fills in: good as a certificate id, and as a text.</summary>
    private static readonly string NotYetKnown = new('0', 64);

    private readonly KnownResources _known = new(registry);

    /// <exception cref="CdfException">InvalidRequest: the parameters do not fit the template.</exception>
    public async ValueTask<ProvisionPlan> PlanAsync(
        ProvisioningTemplate template, IReadOnlyDictionary<string, string> parameters, CdfProvisioningParameters? cdfParameters, CancellationToken cancellationToken)
    {
        var device = DeviceParameters.Of(template, parameters, cdfParameters);
        var filled = new Dictionary<string, string>(device.Template);
        foreach (var name in template.Cdf.FilledParameters)
            filled[name] = NotYetKnown;
        var resolved = template.Resolve(filled);

        var problems = new List<string>();
        foreach (var step in stepsOf(template.Cdf))
            await CheckAsync(problems, () => step.CheckAsync(device.Cdf, cancellationToken));
        var plan = resolved.Thing is { } thing ? await PlanAsync(thing, problems, cancellationToken) : new ProvisionPlan();
        if (resolved.Certificate is { } certificate)
            plan = await PlanAsync(plan, certificate, template.Cdf, device.Cdf, problems, cancellationToken);
        return plan with { Policies = await PoliciesAsync(resolved, template.Cdf, problems, cancellationToken), Problems = problems };
    }

    private async ValueTask<ProvisionPlan> PlanAsync(ThingResource thing, List<string> problems, CancellationToken cancellationToken)
    {
        var existing = await registry.FindThingAsync(thing.ThingName, cancellationToken);
        var plan = existing is null
            ? new ProvisionPlan
            {
                ThingType = thing.ThingTypeName,
                Attributes = WithoutEmpty(thing.Attributes),
                Groups = thing.ThingGroups ?? [],
                BillingGroup = thing.BillingGroup,
            }
            : new ProvisionPlan
            {
                ThingExists = true,
                ThingType = Overridden(thing.ThingTypeNameOverride, thing.ThingTypeName, existing.ThingTypeName, "ThingTypeName", (_, given) => given),
                Attributes = WithoutEmpty(Overridden(thing.AttributePayloadOverride, thing.Attributes, existing.Attributes, "AttributePayload", Merged)),
                Groups = Overridden(thing.ThingGroupsOverride, thing.ThingGroups, await GroupsAsync(thing.ThingName, cancellationToken), "ThingGroups", (there, given) => there.Union(given).ToArray())!,
                BillingGroup = existing.BillingGroupName,
            };

        if (plan.ThingType is { } type && type != existing?.ThingTypeName)
            await CheckTypeAsync(type, problems, cancellationToken);
        foreach (var group in plan.Groups)
        {
            if (!await _known.HasGroupAsync(group, cancellationToken))
                problems.Add($"Thing group '{group}' does not exist.");
        }

        if (existing is null && thing.BillingGroup is { } billingGroup && !await _known.HasBillingGroupAsync(billingGroup, cancellationToken))
            problems.Add($"Billing group '{billingGroup}' does not exist.");
        return plan with { ThingName = thing.ThingName };

        T? Overridden<T>(OverrideAction action, T? given, T? there, string property, Func<T, T, T> merge)
            where T : class
        {
            if (given is null || action == OverrideAction.DoNothing)
                return there;
            if (action == OverrideAction.Fail)
                problems.Add($"Thing '{thing.ThingName}' exists, and the override setting of {property} is FAIL.");
            return action == OverrideAction.Merge && there is not null ? merge(there, given) : given;
        }
    }

    private async ValueTask CheckTypeAsync(string name, List<string> problems, CancellationToken cancellationToken)
    {
        var type = await _known.FindTypeAsync(name, cancellationToken);
        if (type is null)
            problems.Add($"Thing type '{name}' does not exist.");
        else if (type.ThingTypeMetadata?.Deprecated ?? false)
            problems.Add($"Thing type '{name}' is deprecated: new things cannot have it.");
    }

    private async ValueTask<ProvisionPlan> PlanAsync(
        ProvisionPlan plan, CertificateResource certificate, CdfSection cdf, CdfProvisioningParameters given, List<string> problems, CancellationToken cancellationToken)
    {
        plan = plan with { CertificateStatus = certificate.Status };
        if (cdf.FilledParameters.Count > 0)
            return plan with
            {
                Certificate = MadeBy(cdf, given),
                CertificateStatus = cdf.CreateDeviceCertificate || certificate.StatusOverride == OverrideAction.Replace
                    ? certificate.Status
                    : cdf.RegisterDeviceCertificateWithoutCA ? given.CertificateStatus ?? Iot.CertificateStatus.Active : Iot.CertificateStatus.Active,
            };
        if (certificate.CertificateSigningRequest is { } csr)
        {
            Check(problems, () => SigningRequest.Parse(csr));
            return plan with { Certificate = "a certificate from the CSR" };
        }

        var id = certificate.CertificateId;
        if (certificate.CertificatePem is { } pem)
            Check(problems, () => id = ParsedCertificate.FromPem(pem, "The certificate").Id);
        if (id is null)
            return plan with { Certificate = "the given certificate" };

        var existing = await registry.FindCertificateAsync(id, cancellationToken);
        if (existing is null && certificate.CertificateId is not null)
            problems.Add($"Certificate {id} is not registered.");
        if (existing is not null && certificate.StatusOverride == OverrideAction.Fail)
            problems.Add($"Certificate {id} exists, and the override setting of Status is FAIL.");
        var keepsStatus = existing is { Status: not Iot.CertificateStatus.PendingActivation } && certificate.StatusOverride != OverrideAction.Replace;
        return plan with { Certificate = $"certificate {id}", CertificateStatus = keepsStatus ? existing!.Status : certificate.Status };
    }

    private static string MadeBy(CdfSection cdf, CdfProvisioningParameters given) => cdf switch
    {
        { CreateDeviceCertificate: true } => $"a new key and a certificate signed by CA {given.CaId}",
        { CreateDeviceAwsCertificate: true } => "a new key and a certificate made by AWS IoT",
        { RegisterDeviceCertificateWithoutCA: true } => "the device's own certificate, registered without a CA",
        _ when given.Csr is null => "a new key and a certificate issued by ACM PCA",
        _ => "a certificate issued by ACM PCA from the CSR",
    };

    private async ValueTask<IReadOnlyList<string>> PoliciesAsync(ResolvedTemplate resolved, CdfSection cdf, List<string> problems, CancellationToken cancellationToken)
    {
        var policies = resolved.Policies.Select(p => new AdditionalPolicy(p.PolicyName, p.PolicyDocument)).ToList();
        foreach (var policy in cdf.AttachAdditionalPolicies)
            policies.Add(await _known.FindPolicyAsync(policy.Name, cancellationToken) is { } other && policy.Document is { } own && other.PolicyDocument != own
                ? policy with { Name = policy.NameOfItsDocument }
                : policy);
        foreach (var (name, document) in policies)
        {
            var existing = await _known.FindPolicyAsync(name, cancellationToken);
            if (existing is null && document is null)
                problems.Add($"Policy '{name}' does not exist, and the template has no document for it.");
            if (existing is not null && document is not null && existing.PolicyDocument != document)
                problems.Add($"Policy '{name}' exists already with another document.");
        }

        var names = policies.Select(p => p.Name);
        if (cdf.ClientIdMustMatchThingName && resolved.Thing is { } thing)
            names = names.Append(ClientIdMustMatchThingNameExtension.PolicyName(thing.ThingName));
        return names.Distinct().ToArray();
    }

    private async ValueTask<IReadOnlyList<string>?> GroupsAsync(string thingName, CancellationToken cancellationToken) =>
        await registry.GroupsOfThingAsync(thingName, cancellationToken).Select(group => group.GroupName!).ToListAsync(cancellationToken);

    private static IReadOnlyDictionary<string, string> Merged(IReadOnlyDictionary<string, string> there, IReadOnlyDictionary<string, string> given)
    {
        var merged = new Dictionary<string, string>(there);
        foreach (var (name, value) in given)
            merged[name] = value;
        return merged;
    }

    /// <summary>An empty value takes an attribute away.</summary>
    private static Dictionary<string, string> WithoutEmpty(IReadOnlyDictionary<string, string>? attributes) =>
        (attributes ?? new Dictionary<string, string>()).Where(a => a.Value.Length > 0).ToDictionary();

    private static void Check(List<string> problems, Action check)
    {
        try
        {
            check();
        }
        catch (CdfException e)
        {
            problems.Add(e.Message);
        }
    }

    private static async ValueTask CheckAsync(List<string> problems, Func<ValueTask> check)
    {
        try
        {
            await check();
        }
        catch (CdfException e) when (e.Code is not (CdfErrorCode.Unavailable or CdfErrorCode.Throttled or CdfErrorCode.AccessDenied))
        {
            problems.Add(e.Message);
        }
    }
}
