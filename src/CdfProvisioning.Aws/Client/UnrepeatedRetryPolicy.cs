using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace CdfProvisioning.Aws.Client;

/// <summary>
/// For calls that make something new each time they are heard: only what AWS refused to hear (throttling) is sent again. An
/// answer that was lost may have carried a key that is nowhere else.
/// </summary>
internal sealed class UnrepeatedRetryPolicy(IClientConfig config) : StandardRetryPolicy(config)
{
    public override bool IsStaleConnectionError(Exception exception) => false;

    public override bool RetryForException(IExecutionContext executionContext, Exception exception) => IsThrottlingError(exception);

    public override Task<bool> RetryForExceptionAsync(IExecutionContext executionContext, Exception exception) =>
        Task.FromResult(IsThrottlingError(exception));
}
