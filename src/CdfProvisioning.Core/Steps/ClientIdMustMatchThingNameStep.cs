using CdfProvisioning.Iot;
using CdfProvisioning.Things;

namespace CdfProvisioning.Steps;

/// <summary>
/// <c>clientIdMustMatchThingName</c>: attaches a policy that allows the device to connect under its thing's name, while its
/// certificate is attached to that thing.
/// </summary>
internal sealed class ClientIdMustMatchThingNameStep : IProvisioningStep
{
    public ValueTask AfterAsync(Provisioning provisioning, IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        const string extension = "clientIdMustMatchThingName";
        var thingName = provisioning.ThingName ?? throw new CdfException(
            CdfErrorCode.InvalidTemplate, $"The extension '{extension}' needs a thing, and the template has no resource of type AWS::IoT::Thing.");
        var certificateArn = provisioning.CertificateArnFor(extension);
        var client = certificateArn[..certificateArn.LastIndexOf(":cert/", StringComparison.Ordinal)] + ":client/" + thingName;
        var document = $$"""
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iot:Connect"],"Resource":["{{client}}"],
            "Condition":{"Bool":{"iot:Connection.Thing.IsAttached":["true"]} } }]}
            """;
        return provisioning.AttachPolicyAsync(registry, $"clientIdEnforcementPolicy_{PolicyNamePart(thingName)}", document, extension, cancellationToken);
    }

    /// <summary>A thing's name may have a colon, a policy's may not.</summary>
    private static string PolicyNamePart(string thingName) => thingName.Replace(':', '.');
}
