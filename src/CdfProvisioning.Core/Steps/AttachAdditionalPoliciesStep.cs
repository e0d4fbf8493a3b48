using CdfProvisioning.Iot;
using CdfProvisioning.Templates;
using CdfProvisioning.Things;

namespace CdfProvisioning.Steps;

/// <summary><c>attachAdditionalPolicies</c>: attaches policies to the device's certificate, making those that come with a document.</summary>
internal sealed class AttachAdditionalPoliciesStep(IReadOnlyList<AdditionalPolicy> policies) : IProvisioningStep
{
    public async ValueTask AfterAsync(Provisioning provisioning, IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        foreach (var policy in policies)
            await provisioning.AttachPolicyAsync(registry, policy.Name, policy.Document, "attachAdditionalPolicies", cancellationToken);
    }
}
