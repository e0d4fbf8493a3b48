using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Extensions;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning;

/// <summary>Finds what must make every device of a list fail: what the template names and the registry lacks, and what no device brings along.</summary>
internal sealed class CommonCheck(IDeviceRegistry registry, Func<CdfSection, IReadOnlyList<IProvisioningExtension>> extensionsOf)
{
    /// <param name="template">The template of all devices.</param>
    /// <param name="common">The CDF parameters of all devices.</param>
    /// <param name="devices">Some of them: what is wrong with each in the same words is wrong with all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CdfException">InvalidRequest: every device would fail.</exception>
    public async ValueTask CheckAsync(
        ProvisioningTemplate template, CdfProvisioningParameters? common, IReadOnlyList<IReadOnlyDictionary<string, string>> devices, CancellationToken cancellationToken)
    {
        var missing = (await new TemplateInspector(registry).FindMissingAsync(template, cancellationToken)).ToList();
        foreach (var extension in extensionsOf(template.Cdf))
        {
            var problems = new HashSet<string?>();
            foreach (var device in devices)
                problems.Add(await FindProblemAsync(extension, template, device, common, cancellationToken));
            if (problems.Count == 1 && problems.Single() is { } problem)
                missing.Add(problem);
        }

        if (missing.Count > 0)
            throw CdfErrorCode.InvalidRequest.Error($"Every device of the list would fail, and so none is registered: {string.Join(' ', missing)}");
    }

    private static async ValueTask<string?> FindProblemAsync(
        IProvisioningExtension extension, ProvisioningTemplate template, IReadOnlyDictionary<string, string> device, CdfProvisioningParameters? common, CancellationToken cancellationToken)
    {
        CdfProvisioningParameters given;
        try
        {
            given = DeviceParameters.Of(template, device, common).Cdf;
        }
        catch (CdfException)
        {
            return null; // something of its own is wrong with the device
        }

        try
        {
            await extension.PlanAsync(new DevicePlanning(template.Cdf, given), cancellationToken);
            return null;
        }
        catch (CdfException e) when (e.Code is not (CdfErrorCode.Unavailable or CdfErrorCode.Throttled or CdfErrorCode.AccessDenied))
        {
            return e.Message;
        }
    }
}
