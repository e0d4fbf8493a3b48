using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Endpoints.StandardLibrary;
using Amazon.Util.Internal;

namespace CdfProvisioning.Aws.Client;

/// <summary>How a service is reached. Retry mode, dual-stack, FIPS and endpoint come from the SDK's own variables and profile settings unless set.</summary>
internal sealed class AwsServiceConfig : ClientConfig
{
    private static readonly DefaultConfiguration Standard = new()
    {
        Name = DefaultConfigurationMode.Standard,
        RetryMode = RequestRetryMode.Standard,
        ConnectTimeout = TimeSpan.FromSeconds(5),
    };

    private readonly AwsService _service;

    public AwsServiceConfig(AwsService service)
        : base(new DefaultConfigurationProvider([Standard]))
    {
        _service = service;
        ServiceId = service.Id;
        AuthenticationServiceName = service.Name;
        HttpClientFactory = new WholeAnswers();
    }

    /// <summary>No request of ours carries it.</summary>
    public override string ServiceVersion => "";

    public override string UserAgent { get; } = InternalSDKUtils.BuildUserAgentString("CdfProvisioning", "1.0");

    public override string RegionEndpointServiceName => _service.Name;

    /// <summary>Whether a call is sent again whose answer was lost.</summary>
    public bool IsRepeated { get; init; } = true;

    /// <exception cref="AmazonClientException">The partition has no endpoints of the kind that is configured.</exception>
    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters)
    {
        if (ServiceURL is { } url)
            return new Endpoint(url);

        var region = RegionEndpoint.SystemName;
        var partition = Fn.Partition(region);
        if (UseDualstackEndpoint && !partition.supportsDualStack)
            throw new AmazonClientException($"The AWS partition of {region} has no dual-stack endpoints: unset AWS_USE_DUALSTACK_ENDPOINT.");
        if (UseFIPSEndpoint && !partition.supportsFIPS)
            throw new AmazonClientException($"The AWS partition of {region} has no FIPS endpoints: unset AWS_USE_FIPS_ENDPOINT.");
        var fips = UseFIPSEndpoint ? "-fips" : "";
        return new Endpoint($"https://{_service.Name}{fips}.{region}.{(UseDualstackEndpoint ? partition.dualStackDnsSuffix : partition.dnsSuffix)}");
    }
}
