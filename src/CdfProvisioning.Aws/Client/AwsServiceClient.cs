using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace CdfProvisioning.Aws.Client;

/// <summary>
/// Sends calls through the SDK's pipeline, which signs, retries, corrects the clock's skew and finds endpoints; what fails,
/// fails as a <see cref="CdfException"/>. AWS IoT and ACM PCA have this client of our own because IoT's operations are data
/// here (<c>IotOperations</c>) that the embedded registry and our endpoint speak too, and two further packages
/// of the SDK would say the same once more.
/// </summary>
internal sealed class AwsServiceClient(AwsService service, AwsServiceConfig config, RequestRates? rates = null)
    : AmazonServiceClient(credentials: null, config)
{
    private readonly AwsCallMarshaller _marshaller = new(service.Id);
    private readonly AwsFailures _failures = new(service, config);

    /// <summary>Answers carry private keys, which no log may have.</summary>
    protected override bool SupportResponseLogging => false;

    public async Task<object> SendAsync(AwsRequest call, CancellationToken cancellationToken)
    {
        try
        {
            var options = new InvokeOptions { RequestMarshaller = _marshaller, ResponseUnmarshaller = new AwsAnswerUnmarshaller(call.Response) };
            return (await InvokeAsync<AwsAnswer>(call, options, cancellationToken)).Record!;
        }
        catch (Exception e) when (AwsFailures.IsFailure(e, cancellationToken))
        {
            throw _failures.Translate(e, call.Operation, call.Names);
        }
    }

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        pipeline.AddHandlerAfter<Marshaller>(new SigV4Handler());
        if (Config is AwsServiceConfig { IsRepeated: false })
            pipeline.ReplaceHandler<RetryHandler>(new RetryHandler(new UnrepeatedRetryPolicy(Config)));
        if (rates is not null)
            pipeline.AddHandlerAfter<RetryHandler>(new RateHandler(rates));

        // In AWS IoT this is a quota of resources, and waiting does not help.
        pipeline.Handlers.OfType<RetryHandler>().Single().RetryPolicy.ThrottlingErrorCodes.Remove("LimitExceededException");
    }
}
