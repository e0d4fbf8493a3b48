using CdfProvisioning.Iot;
using CdfProvisioning.Templates;
using CdfProvisioning.Things;

namespace CdfProvisioning.Steps;

/// <summary><c>attachAdditionalPolicies</c>: attaches policies to the device's certificate, making those that come with a document.</summary>
internal sealed class AttachAdditionalPoliciesStep(IReadOnlyList<AdditionalPolicy> policies) : IProvisioningStep
{
    private const string Extension = "attachAdditionalPolicies";

    public async ValueTask AfterAsync(Provisioning provisioning, IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        foreach (var policy in policies)
        {
            if (policy.Document is { } document && !await registry.HasPolicyAsync(policy.Name, document, cancellationToken))
                await CreateAsync(provisioning, registry, policy.Name, document, cancellationToken);
            await provisioning.AttachPolicyAsync(registry, policy.Name, Extension, cancellationToken);
        }
    }

    /// <summary>All devices of a template want the same policy: the registration of another may have been faster.</summary>
    private static async ValueTask CreateAsync(
        Provisioning provisioning, IDeviceRegistry registry, string name, string document, CancellationToken cancellationToken)
    {
        try
        {
            await provisioning.CreatePolicyAsync(registry, name, document, Extension, cancellationToken);
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.Conflict)
        {
            if (!await registry.HasPolicyAsync(name, document, cancellationToken))
                throw;
        }
    }
}
