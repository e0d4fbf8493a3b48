using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Decisions;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Provisioning.Extensions;

/// <summary><c>attachAdditionalPolicies</c>: attaches policies to the device's certificate, making those that come with a document.</summary>
internal sealed class AttachAdditionalPoliciesExtension(IReadOnlyList<AdditionalPolicy> policies) : IProvisioningExtension
{
    private const string Extension = "attachAdditionalPolicies";

    /// <summary>How often in a row other devices may come in between.</summary>
    private const int Attempts = 5;

    public async ValueTask AfterAsync(DeviceProvisioning provisioning, IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        foreach (var policy in policies)
            await AttachAsync(provisioning, registry, policy, cancellationToken);
    }

    /// <summary>
    /// All devices of a template want the same policy: the registration of another may make it at the same time, and, if it
    /// fails, take it away again.
    /// </summary>
    private static async ValueTask AttachAsync(DeviceProvisioning provisioning, IDeviceRegistry registry, AdditionalPolicy policy, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (policy.Document is { } document && !await HasPolicyAsync(registry, policy.Name, document, cancellationToken))
                    await provisioning.CreatePolicyAsync(registry, policy.Name, document, Extension, cancellationToken);
                await provisioning.AttachPolicyAsync(registry, policy.Name, Extension, cancellationToken);
                return;
            }
            catch (CdfException e) when (e.Code is CdfErrorCode.Conflict or CdfErrorCode.NotFound && policy.Document is not null && attempt < Attempts)
            {
            }
        }
    }

    /// <summary>Whether a policy exists with this document.</summary>
    /// <exception cref="CdfException">Conflict: it exists with another document.</exception>
    private static async ValueTask<bool> HasPolicyAsync(IDeviceRegistry registry, string policyName, string document, CancellationToken cancellationToken)
    {
        if (await registry.FindPolicyAsync(policyName, cancellationToken) is not { } policy)
            return false;
        return RegistryRules.DocumentProblem(policyName, policy.PolicyDocument, document) is { } problem ? throw problem : true;
    }
}
