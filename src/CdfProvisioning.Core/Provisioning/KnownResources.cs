using System.Collections.Concurrent;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Provisioning;

/// <summary>What devices have in common (types, groups, policies), looked up once each.</summary>
internal sealed class KnownResources(IDeviceRegistry registry)
{
    private readonly ConcurrentDictionary<object, Lazy<Task<object?>>> _answers = new();

    /// <summary>The type; null if there is none.</summary>
    public async ValueTask<DescribeThingTypeResponse?> FindTypeAsync(string name, CancellationToken cancellationToken) => await FindAsync(new DescribeThingTypeRequest(name), cancellationToken);

    public async ValueTask<bool> HasGroupAsync(string name, CancellationToken cancellationToken) => await FindAsync(new DescribeThingGroupRequest(name), cancellationToken) is not null;

    public async ValueTask<bool> HasBillingGroupAsync(string name, CancellationToken cancellationToken) => await FindAsync(new DescribeBillingGroupRequest(name), cancellationToken) is not null;

    /// <summary>The policy; null if there is none.</summary>
    public async ValueTask<GetPolicyResponse?> FindPolicyAsync(string name, CancellationToken cancellationToken) => await FindAsync(new GetPolicyRequest(name), cancellationToken);

    private async ValueTask<T?> FindAsync<T>(IIotRequest<T> request, CancellationToken cancellationToken)
        where T : class =>
        (T?)await _answers.GetOrAdd(request, _ => new(async () => await registry.FindAsync(request, CancellationToken.None))).Value.WaitAsync(cancellationToken);
}
