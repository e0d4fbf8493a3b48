using Amazon;
using Amazon.Runtime;

namespace CdfProvisioning.Aws;

/// <summary>What all clients of a connection have in common.</summary>
/// <param name="Region">The AWS region.</param>
/// <param name="Credentials">Who signs.</param>
/// <param name="EndpointUrl">Where the services are, if not at AWS.</param>
/// <param name="Timeout">How long one attempt may take.</param>
internal sealed record AwsSettings(string Region, AWSCredentials Credentials, Uri? EndpointUrl = null, TimeSpan? Timeout = null)
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    public TConfig Apply<TConfig>(TConfig config)
        where TConfig : ClientConfig
    {
        config.RegionEndpoint = RegionEndpoint.GetBySystemName(Region);
        config.DefaultAWSCredentials = Credentials;
        config.Timeout = Timeout ?? DefaultTimeout;
        if (EndpointUrl is not null)
        {
            config.AuthenticationRegion = Region;
            config.ServiceURL = EndpointUrl.AbsoluteUri; // clears the region, which therefore is set first
        }
        return config;
    }
}
