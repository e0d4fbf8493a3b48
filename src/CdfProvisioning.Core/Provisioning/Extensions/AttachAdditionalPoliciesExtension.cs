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

    public IReadOnlyList<PolicyResource> PoliciesOf(string? thingName) => [.. policies.Select(policy => new PolicyResource(
        Extension, policy.Name, policy.Document, NameIfTaken: policy.Document is null ? null : policy.NameOfItsDocument))];

    public async ValueTask AfterAsync(DeviceProvisioning provisioning, IDeviceRegistry registry, CancellationToken cancellationToken)
    {
        foreach (var policy in policies)
            await AttachAsync(provisioning, registry, policy, cancellationToken);
    }

    /// <summary>By which name the policy is registered, or will be.</summary>
    /// <exception cref="CdfException">Conflict: another document has both names.</exception>
    private static async ValueTask<(string Name, bool Exists)> NameAsync(IDeviceRegistry registry, AdditionalPolicy policy, CancellationToken cancellationToken)
    {
        if (policy.Document is not { } document)
            return (policy.Name, true);
        if (await registry.FindPolicyAsync(policy.Name, cancellationToken) is not { } existing)
            return (policy.Name, false);
        return RegistryRules.DocumentProblem(policy.Name, existing.PolicyDocument, document) is null
            ? (policy.Name, true)
            : (policy.NameOfItsDocument, await HasPolicyAsync(registry, policy.NameOfItsDocument, document, cancellationToken));
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
                var (name, exists) = await NameAsync(registry, policy, cancellationToken);
                if (!exists)
                    await provisioning.CreatePolicyAsync(registry, name, policy.Document!, Extension, cancellationToken);
                await provisioning.AttachPolicyAsync(registry, name, Extension, cancellationToken);
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
