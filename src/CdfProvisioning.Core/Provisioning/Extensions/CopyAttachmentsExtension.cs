using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Undo;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning.Extensions;

/// <summary>Attaches to a certificate that replaces another what is attached to that: its policies, and its other things. Templates cannot ask for it: rotations do.</summary>
internal sealed class CopyAttachmentsExtension : IProvisioningExtension
{
    private const string Extension = "rotation";

    public async ValueTask AfterAsync(DeviceProvisioning provisioning, IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        var id = provisioning.Parameters[RotationTemplate.OldCertificate];
        var old = (await registry.FindCertificateAsync(id, cancellationToken))?.CertificateArn
            ?? throw CdfErrorCode.NotFound.Error($"Certificate {id}, which was to be replaced, is gone.");
        foreach (var policy in await registry.AttachedPoliciesAsync(old, cancellationToken).ToListAsync(cancellationToken))
            await provisioning.AttachPolicyAsync(registry, policy.PolicyName!, Extension, cancellationToken);
        var made = provisioning.CertificateArnFor(Extension);
        foreach (var thing in await registry.ThingsOfPrincipalAsync(old, cancellationToken).ToListAsync(cancellationToken))
        {
            if (thing == provisioning.ThingName)
                continue;
            provisioning.NoteUndo(new Compensation(
                () => $"certificate {Arn.CertificateId(made)} attached to thing {thing}",
                (r, token) => Undoing.IgnoreMissingAsync(r.InvokeAsync(new DetachThingPrincipalRequest(thing, made), token))));
            await registry.InvokeAsync(new AttachThingPrincipalRequest(thing, made), cancellationToken);
            provisioning.Undo.Confirm();
        }
    }
}
