using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Undo;

namespace CdfProvisioning.Provisioning.Extensions;

/// <summary>Puts a thing that exists into the template's billing group, which RegisterThing does with new ones only. Templates cannot ask for it: lists that say how devices are to be do.</summary>
internal sealed class BillingGroupExtension : IProvisioningExtension
{
    public async ValueTask AfterAsync(DeviceProvisioning provisioning, IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        var (name, wanted) = (provisioning.ThingName!, provisioning.BillingGroup!);
        var thing = await registry.InvokeAsync(new DescribeThingRequest(name), cancellationToken);
        if (thing.BillingGroupName == wanted)
            return;
        provisioning.NoteUndo(new Compensation(
            () => $"thing {name} in billing group {wanted}",
            async (r, token) => await r.SetBillingGroupAsync(await r.InvokeAsync(new DescribeThingRequest(name), token), thing.BillingGroupName, token)));
        await registry.SetBillingGroupAsync(thing, wanted, cancellationToken);
        provisioning.Undo.Confirm();
    }
}
