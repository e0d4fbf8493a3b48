using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>A policy, which says what a device may do.</summary>
/// <param name="PolicyName">The policy's name.</param>
/// <param name="PolicyArn">The policy's ARN.</param>
/// <param name="PolicyDocument">The default version's document, JSON as text.</param>
/// <param name="DefaultVersionId">The id of that version.</param>
/// <param name="CreationDate">When the policy was created, UTC.</param>
/// <param name="LastModifiedDate">When the policy was last changed, UTC.</param>
/// <param name="Tags">The policy's tags, key to value.</param>
public sealed record PolicyInfo(
    string PolicyName, string? PolicyArn, string? PolicyDocument, string? DefaultVersionId, DateTimeOffset? CreationDate, DateTimeOffset? LastModifiedDate,
    IReadOnlyDictionary<string, string> Tags)
{
    internal static async ValueTask<PolicyInfo> ReadAsync(IDeviceRegistry registry, string name, CancellationToken cancellationToken)
    {
        var policy = await registry.InvokeAsync(new GetPolicyRequest(name), cancellationToken);
        return new(policy.PolicyName ?? name, policy.PolicyArn, policy.PolicyDocument, policy.DefaultVersionId, policy.CreationDate, policy.LastModifiedDate,
            await registry.TagsAsync(policy.PolicyArn, cancellationToken));
    }
}
