using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Keys;
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
        var provisioning = new DeviceProvisioning(template, device, Extensions(template.Cdf));
        await provisioning.PrepareAsync(registry, cancellationToken);
        return provisioning;
    }

    /// <summary>Registers a prepared device, or leaves nothing of it.</summary>
    /// <param name="provisioning">The device.</param>
    /// <param name="keys">Where a key that is made for it goes; null if that is for the caller to say.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async ValueTask<ProvisionResponse> RegisterAsync(DeviceProvisioning provisioning, KeyDirectory? keys, CancellationToken cancellationToken)
    {
        if (keys is null || !provisioning.MakesKey)
            return await RegisterAsync(provisioning, cancellationToken);

        var place = new KeyPlace(keys, provisioning.NameOfKey);
        var registered = await RegisterAsync(provisioning, place, cancellationToken);
        place.Keep();
        return registered with { PrivateKey = null, KeyFile = place.File };
    }

    /// <summary>Registers a prepared device whose key is to be handed out, or leaves nothing of it.</summary>
    /// <param name="provisioning">The device.</param>
    /// <param name="undelivered">Where the key is until it has been handed out.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async ValueTask<UndeliveredDevice> RegisterAsync(DeviceProvisioning provisioning, UndeliveredKeys undelivered, CancellationToken cancellationToken)
    {
        if (!provisioning.MakesKey)
            return new(await RegisterAsync(provisioning, cancellationToken), Place: null);

        var place = await undelivered.OpenAsync(provisioning.ThingName, cancellationToken);
        return new(await RegisterAsync(provisioning, place, cancellationToken), place);
    }

    /// <inheritdoc cref="KeyPlace.SettleLeftAsync"/>
    public ValueTask SettleKeyAsync(KeyDirectory keys, string thingName, CancellationToken cancellationToken) =>
        new KeyPlace(keys, thingName).SettleLeftAsync(registry, cancellationToken);

    private async ValueTask<ProvisionResponse> RegisterAsync(DeviceProvisioning provisioning, IKeyPlace place, CancellationToken cancellationToken)
    {
        var device = new KeyedProvisioning(provisioning, place);
        if (registry is not ITransactionalRegistry transactional)
            return await device.RegisterAsync(registry, cancellationToken);

        device.TryTake();
        try
        {
            return await transactional.TransactAsync(r => device.RegisterAsync(r, cancellationToken), cancellationToken);
        }
        catch
        {
            place.GiveBack();
            throw;
        }
    }

    private async ValueTask<ProvisionResponse> RegisterAsync(DeviceProvisioning provisioning, CancellationToken cancellationToken)
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

    /// <summary>Finds what would make every device of a list fail.</summary>
    public CommonCheck CreateCommonCheck() => new(registry, Extensions);

    public KeptCertificates CreateKeptCertificates() => new(registry);

    /// <summary>Says what would be registered, without doing it.</summary>
    public Planner CreatePlanner() => new(registry, Extensions);

    private List<IProvisioningExtension> Extensions(CdfSection cdf)
    {
        var extensions = new List<IProvisioningExtension>();
        if (cdf.CreateDeviceCertificate)
            extensions.Add(new CreateDeviceCertificateExtension(signers, settings));
        if (cdf.CreateDeviceAwsCertificate)
            extensions.Add(new CreateDeviceAwsCertificateExtension(registry, settings));
        if (cdf.RegisterDeviceCertificateWithoutCA)
            extensions.Add(new RegisterDeviceCertificateWithoutCAExtension(registry));
        if (cdf.AcmPcaMode is { } mode)
            extensions.Add(new AcmPcaExtension(mode, registry, privateCas, settings));
        if (cdf.CopiesAttachments)
            extensions.Add(new CopyAttachmentsExtension());
        if (cdf.SetsBillingGroup)
            extensions.Add(new BillingGroupExtension());
        if (cdf.ClientIdMustMatchThingName)
            extensions.Add(new ClientIdMustMatchThingNameExtension());
        if (cdf.AttachAdditionalPolicies.Count > 0)
            extensions.Add(new AttachAdditionalPoliciesExtension(cdf.AttachAdditionalPolicies));
        return extensions;
    }
}
