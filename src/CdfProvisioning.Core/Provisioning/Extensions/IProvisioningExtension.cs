using CdfProvisioning.Iot;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning.Extensions;

/// <summary>One extension of a template's CDF section, at work on one device.</summary>
internal interface IProvisioningExtension
{
    /// <summary>Whether <see cref="BeforeAsync"/> sets template parameters, so that they are not all known earlier.</summary>
    bool SetsParametersBefore => false;

    /// <summary>Says what it would fill in and make, making and changing nothing.</summary>
    /// <exception cref="CdfException">What of what the device brings along is missing or wrong.</exception>
    ValueTask PlanAsync(DevicePlanning planning, CancellationToken cancellationToken) => default;

    /// <summary>The policies that <see cref="AfterAsync"/> sees to.</summary>
    /// <exception cref="CdfException">InvalidRequest: there can be no such policy.</exception>
    IReadOnlyList<PolicyResource> PoliciesOf(string? thingName) => [];

    /// <summary>What takes long and changes nothing in the registry, such as making keys.</summary>
    ValueTask PrepareAsync(DeviceProvisioning provisioning, CancellationToken cancellationToken) => default;

    /// <summary>What changes the registry before RegisterThing.</summary>
    ValueTask BeforeAsync(DeviceProvisioning provisioning, IDeviceRegistry registry, CancellationToken cancellationToken) => default;

    /// <summary>What changes the registry after RegisterThing, whose answer is in <see cref="DeviceProvisioning.CertificateArnFor"/>.</summary>
    ValueTask AfterAsync(DeviceProvisioning provisioning, IDeviceRegistry registry, CancellationToken cancellationToken) => default;
}
