using CdfProvisioning.Iot;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning.Undo;

/// <summary>Undoes RegisterThing: what of the template's resources was there before becomes what it was, and what was not goes.</summary>
internal sealed class RegistrationUndo
{
    private readonly ResolvedTemplate _resources;
    private readonly DescribeThingResponse? _thing;
    private readonly HashSet<string> _groups;
    private readonly Dictionary<string, string?> _principals;
    private readonly CertificateDescription? _certificate;
    private readonly HashSet<string> _attachedPolicies;
    private readonly HashSet<string> _policies;

    private RegistrationUndo(
        ResolvedTemplate resources, DescribeThingResponse? thing, HashSet<string> groups, Dictionary<string, string?> principals,
        CertificateDescription? certificate, HashSet<string> attachedPolicies, HashSet<string> policies)
    {
        _resources = resources;
        _thing = thing;
        _groups = groups;
        _principals = principals;
        _certificate = certificate;
        _attachedPolicies = attachedPolicies;
        _policies = policies;
        CertificateArn = certificate?.CertificateArn;
    }

    /// <summary>The ARN of the certificate, once it is known.</summary>
    public string? CertificateArn { get; set; }

    private string? ThingName => _resources.Thing?.ThingName;

    /// <summary>Looks at what there is.</summary>
    public static async ValueTask<RegistrationUndo> BeforeAsync(IDeviceRegistry registry, ResolvedTemplate resources, CancellationToken cancellationToken)
    {
        var thing = resources.Thing is { ThingName: var name } ? await registry.FindThingAsync(name, cancellationToken) : null;
        var certificate = resources.Certificate?.GivenId is { } id ? await registry.FindCertificateAsync(id, cancellationToken) : null;
        var policies = new HashSet<string>();
        foreach (var policy in resources.Policies)
        {
            if (await registry.FindPolicyAsync(policy.PolicyName, cancellationToken) is not null)
                policies.Add(policy.PolicyName);
        }

        return new(
            resources, thing,
            thing is null ? [] : await GroupsAsync(registry, thing.ThingName!, cancellationToken),
            thing is null ? [] : await registry.PrincipalObjectsAsync(thing.ThingName!, cancellationToken).ToDictionaryAsync(p => p.Principal!, p => p.ThingPrincipalType, cancellationToken: cancellationToken),
            certificate,
            certificate is null ? [] : await AttachedPoliciesAsync(registry, certificate.CertificateArn!, cancellationToken),
            policies);
    }

    /// <param name="log">Where it is noted.</param>
    /// <param name="isCertificateNoted">Whether an extension has registered the certificate before: then it goes as a whole, and its status is no matter.</param>
    public void NoteIn(UndoLog log, bool isCertificateNoted)
    {
        if (_resources.Certificate is { } certificate && !isCertificateNoted && _certificate?.Status != certificate.Status)
            log.Note(new(() => $"{(_certificate is null ? "" : "the status of ")}certificate {Shown(certificate)}", RestoreCertificateAsync));
        if (_resources.Thing is not null)
            log.Note(new(() => _thing is null ? $"thing {ThingName}" : $"the changes of thing {ThingName}", RestoreThingAsync));
        if (_resources is { Thing: not null, Certificate: { } attached })
            log.Note(new(
                () => $"certificate {Shown(attached)} attached to thing {ThingName}", (registry, token) => RestoreAttachmentAsync(registry, attached.ThingPrincipalType, token)));
        foreach (var policy in _resources.Policies)
        {
            if (!_policies.Contains(policy.PolicyName))
                log.Note(new(() => $"policy {policy.PolicyName}", (registry, token) => Undoing.DeletePolicyAsync(registry, policy.PolicyName, CertificateArn, token)));
            if (_resources.Certificate is { } target && !_attachedPolicies.Contains(policy.PolicyName))
                log.Note(new(() => $"policy {policy.PolicyName} attached to certificate {Shown(target)}", (registry, token) => DetachPolicyAsync(registry, policy.PolicyName, token)));
        }
    }

    private async ValueTask DetachPolicyAsync(IDeviceRegistry registry, string policyName, CancellationToken cancellationToken)
    {
        if (await FindCertificateArnAsync(registry, cancellationToken) is { } arn)
            await Undoing.IgnoreMissingAsync(registry.InvokeAsync(new DetachPolicyRequest(policyName, arn), cancellationToken));
    }

    /// <param name="registry">Where.</param>
    /// <param name="type">How the template has it attached.</param>
    /// <param name="cancellationToken">Cancels.</param>
    private async ValueTask RestoreAttachmentAsync(IDeviceRegistry registry, string type, CancellationToken cancellationToken)
    {
        if (await FindCertificateArnAsync(registry, cancellationToken) is not { } arn)
            return;
        if (!_principals.TryGetValue(arn, out var before))
            await Undoing.IgnoreMissingAsync(registry.InvokeAsync(new DetachThingPrincipalRequest(ThingName!, arn), cancellationToken));
        else if (before != type)
            await registry.InvokeAsync(new AttachThingPrincipalRequest(ThingName!, arn, before), cancellationToken);
    }

    private async ValueTask RestoreCertificateAsync(IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        if (await FindCertificateArnAsync(registry, cancellationToken) is not { } arn || Arn.CertificateId(arn) is not { } id)
            return;
        if (_certificate is null && _principals.ContainsKey(arn))
            return; // made from the CSR before
        if (_certificate is null)
            await Undoing.DeleteCertificateAsync(registry, id, ThingName, cancellationToken);
        else if (CertificateStatus.Settable.Contains(_certificate.Status!) && (await registry.FindCertificateAsync(id, cancellationToken))?.Status != _certificate.Status)
            await registry.InvokeAsync(new UpdateCertificateRequest(id, _certificate.Status!), cancellationToken);
    }

    private async ValueTask RestoreThingAsync(IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        if (await registry.FindThingAsync(ThingName!, cancellationToken) is not { } now)
            return;
        if (_thing is null)
        {
            await Detached.DeleteThingAsync(registry, ThingName!, cancellationToken);
            return;
        }

        if (now.Version != _thing.Version)
            await registry.InvokeAsync(
                new UpdateThingRequest(
                    ThingName!, _thing.ThingTypeName, new AttributePayload(_thing.Attributes ?? new Dictionary<string, string>(), Merge: false),
                    RemoveThingType: _thing.ThingTypeName is null && now.ThingTypeName is not null ? true : null),
                cancellationToken);
        var groups = await GroupsAsync(registry, ThingName!, cancellationToken);
        foreach (var added in groups.Except(_groups))
            await registry.InvokeAsync(new RemoveThingFromThingGroupRequest(added, ThingName: ThingName), cancellationToken);
        foreach (var removed in _groups.Except(groups))
            await registry.InvokeAsync(new AddThingToThingGroupRequest(removed, ThingName: ThingName), cancellationToken);
    }

    /// <summary>
    /// If the answer was lost that would have told the certificate made from a CSR, it is the one that the thing did not have before. One
    /// that another device has registered for itself meanwhile is not found.
    /// </summary>
    private async ValueTask<string?> FindCertificateArnAsync(IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        if (CertificateArn is not null)
            return CertificateArn;
        if (_resources.Certificate?.GivenId is { } id)
        {
            if ((await registry.FindCertificateAsync(id, cancellationToken))?.CertificateArn is { } arn
                && (_certificate is not null || !await Undoing.IsOfAnotherAsync(registry, arn, ThingName, cancellationToken)))
                CertificateArn = arn;
        }
        else if (ThingName is { } name && await registry.FindThingAsync(name, cancellationToken) is not null)
            CertificateArn = await registry.PrincipalsAsync(name, cancellationToken)
                .FirstOrDefaultAsync(p => Arn.CertificateId(p) is not null && !_principals.ContainsKey(p), cancellationToken);
        return CertificateArn;
    }

    private string Shown(CertificateResource certificate) =>
        (CertificateArn is null ? certificate.GivenId : Arn.CertificateId(CertificateArn)) ?? "made from the CSR";

    private static ValueTask<HashSet<string>> GroupsAsync(IDeviceRegistry registry, string thingName, CancellationToken cancellationToken) =>
        registry.GroupsOfThingAsync(thingName, cancellationToken).Select(g => g.GroupName!).ToHashSetAsync(cancellationToken: cancellationToken);

    private static ValueTask<HashSet<string>> AttachedPoliciesAsync(IDeviceRegistry registry, string target, CancellationToken cancellationToken) =>
        registry.AttachedPoliciesAsync(target, cancellationToken).Select(p => p.PolicyName!).ToHashSetAsync(cancellationToken: cancellationToken);
}
