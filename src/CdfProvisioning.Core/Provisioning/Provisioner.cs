using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Extensions;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning;

/// <summary>Sends devices on their way: one at a time for <see cref="ThingService"/>, many for a list.</summary>
internal sealed class Provisioner(
    IDeviceRegistry registry, SignerCache signers, IPrivateCertificateAuthority privateCas, ProvisioningSettings settings)
{
    /// <summary>Does the slow part of provisioning a device, which changes nothing in the registry.</summary>
    public async ValueTask<DeviceProvisioning> PrepareAsync(
        ProvisioningTemplate template,
        IReadOnlyDictionary<string, string> parameters,
        CdfProvisioningParameters? cdfParameters,
        CancellationToken cancellationToken)
    {
        var device = DeviceParameters.Of(template, parameters, cdfParameters);
        var provisioning = new DeviceProvisioning(template, device, Steps(template.Cdf));
        await provisioning.PrepareAsync(registry, cancellationToken);
        return provisioning;
    }

    /// <summary>Registers a prepared device, or leaves nothing of it.</summary>
    public async ValueTask<ProvisionResponse> RegisterAsync(DeviceProvisioning provisioning, CancellationToken cancellationToken)
    {
        if (registry is ITransactionalRegistry transactional)
            return await transactional.TransactAsync(r => provisioning.ApplyAsync(r, cancellationToken), cancellationToken);

        try
        {
            return await provisioning.ApplyAsync(registry, cancellationToken);
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.Unavailable && provisioning.IsOneCall)
        {
            if (await FindRegisteredAsync(provisioning, cancellationToken) is { } registered)
                return await provisioning.ApplyAsync(registered, cancellationToken);
            throw;
        }
        catch (Exception cause)
        {
            await provisioning.UndoAsync(registry, cause);
            throw;
        }
    }

    /// <summary>The device, if it was registered though the answer was lost, and that can be found out.</summary>
    private async ValueTask<RegisteredDevice?> FindRegisteredAsync(DeviceProvisioning provisioning, CancellationToken cancellationToken)
    {
        try
        {
            var given = provisioning.GivenCertificate;
            return await RegisteredDevice.FindAsync(registry, provisioning.ThingName, c => RegisteredDevice.IsGiven(given, c), cancellationToken);
        }
        catch (CdfException)
        {
            return null;
        }
    }

    /// <summary>Says what would be registered.</summary>
    public Planner CreatePlanner() => new(registry, Steps);

    private List<IProvisioningExtension> Steps(CdfSection cdf)
    {
        var steps = new List<IProvisioningExtension>();
        if (cdf.CreateDeviceCertificate)
            steps.Add(new CreateDeviceCertificateExtension(signers, settings));
        if (cdf.CreateDeviceAwsCertificate)
            steps.Add(new CreateDeviceAwsCertificateExtension(registry, settings));
        if (cdf.RegisterDeviceCertificateWithoutCA)
            steps.Add(new RegisterDeviceCertificateWithoutCAExtension(registry));
        if (cdf.AcmPcaMode is { } mode)
            steps.Add(new AcmPcaExtension(mode, registry, privateCas, settings));
        if (cdf.ClientIdMustMatchThingName)
            steps.Add(new ClientIdMustMatchThingNameExtension());
        if (cdf.AttachAdditionalPolicies.Count > 0)
            steps.Add(new AttachAdditionalPoliciesExtension(cdf.AttachAdditionalPolicies));
        return steps;
    }
}
