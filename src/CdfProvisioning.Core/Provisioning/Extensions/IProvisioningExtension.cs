using CdfProvisioning.Iot;

namespace CdfProvisioning.Provisioning.Extensions;

/// <summary>One extension of a template's CDF section, at work on one device.</summary>
internal interface IProvisioningExtension
{
    /// <summary>Whether <see cref="BeforeAsync"/> sets template parameters, so that they are not all known earlier.</summary>
    bool SetsParametersBefore => false;

    /// <summary>Finds out, making and changing nothing, whether what the device brings along is enough.</summary>
    /// <exception cref="CdfException">What is missing or wrong.</exception>
    ValueTask CheckAsync(CdfProvisioningParameters given, CancellationToken cancellationToken) => default;

    /// <summary>What takes long and changes nothing in the registry, such as making keys.</summary>
    ValueTask PrepareAsync(DeviceProvisioning provisioning, CancellationToken cancellationToken) => default;

    /// <summary>What changes the registry before RegisterThing.</summary>
    ValueTask BeforeAsync(DeviceProvisioning provisioning, IDeviceRegistry registry, CancellationToken cancellationToken) => default;

    /// <summary>What changes the registry after RegisterThing, whose answer is in <see cref="DeviceProvisioning.CertificateArnFor"/>.</summary>
    ValueTask AfterAsync(DeviceProvisioning provisioning, IDeviceRegistry registry, CancellationToken cancellationToken) => default;
}
