using CdfProvisioning.Iot;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning.Extensions;

/// <summary>
/// <c>clientIdMustMatchThingName</c>: attaches a policy that allows the device to connect under its thing's name, while its
/// certificate is attached to that thing.
/// </summary>
internal sealed class ClientIdMustMatchThingNameExtension : IProvisioningExtension
{
    private const string Extension = "clientIdMustMatchThingName";

    public IReadOnlyList<PolicyResource> PoliciesOf(string? thingName)
    {
        var name = PolicyName(thingName!);
        IotNames.CheckPolicyName(name);
        return [new(Extension, name, PolicyDocument: "", AcceptsAnyDocument: true)];
    }

    public async ValueTask AfterAsync(DeviceProvisioning provisioning, IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        var thingName = provisioning.ThingName ?? throw CdfErrorCode.InvalidTemplate.Error($"The extension '{Extension}' needs a thing, and the template has no resource of type AWS::IoT::Thing.");
        var policyName = PolicyName(thingName);

        // The policy of a device that the original service registered has the same content, but not the same text.
        if (await registry.FindPolicyAsync(policyName, cancellationToken) is null)
            await provisioning.CreatePolicyAsync(registry, policyName, Document(provisioning.CertificateArnFor(Extension), thingName), Extension, cancellationToken);
        await provisioning.AttachPolicyAsync(registry, policyName, Extension, cancellationToken);
    }

    /// <summary>A thing's name may have a colon, a policy's may not.</summary>
    private static string PolicyName(string thingName) => $"clientIdEnforcementPolicy_{thingName.Replace(':', '.')}";

    private static string Document(string certificateArn, string thingName)
    {
        var client = certificateArn[..certificateArn.LastIndexOf(":cert/", StringComparison.Ordinal)] + ":client/" + thingName;
        return $$"""
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iot:Connect"],"Resource":["{{client}}"],
            "Condition":{"Bool":{"iot:Connection.Thing.IsAttached":["true"]} } }]}
            """;
    }
}
