using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace CdfProvisioning.Aws.Client;

/// <summary>Lets an attempt, be it the first or a retry, wait its turn, and learns from whether AWS throttled it.</summary>
internal sealed class RateHandler(RequestRates rates) : PipelineHandler
{
    public override async Task<T> InvokeAsync<T>(IExecutionContext executionContext)
    {
        var context = executionContext.RequestContext;
        var rate = rates.Of(((AwsRequest)context.OriginalRequest).Operation);
        await rate.WaitAsync(context.CancellationToken);
        try
        {
            var answer = await base.InvokeAsync<T>(executionContext);
            rate.Accepted();
            return answer;
        }
        catch (AmazonServiceException e) when (AwsFailures.IsThrottling(e))
        {
            rate.Throttled();
            throw;
        }
        catch (AmazonServiceException)
        {
            rate.Accepted();
            throw;
        }
    }
}
