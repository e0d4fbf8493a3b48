using Amazon.Runtime;

namespace CdfProvisioning.Aws.Client;

/// <summary>What AWS answered: a record of the operation's response type.</summary>
internal sealed class AwsAnswer : AmazonWebServiceResponse
{
    public object? Record { get; init; }
}
