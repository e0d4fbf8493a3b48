using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;

namespace CdfProvisioning.Aws.Client;

/// <summary>Writes an <see cref="AwsRequest"/> as the HTTP request that the pipeline signs and sends.</summary>
internal sealed class AwsCallMarshaller(string serviceId) : IMarshaller<IRequest, AmazonWebServiceRequest>
{
    public IRequest Marshall(AmazonWebServiceRequest input)
    {
        var call = (AwsRequest)input;
        var request = new DefaultRequest(call, serviceId)
        {
            HttpMethod = call.Method,
            ResourcePath = call.Path,
            UseQueryString = true,
            Content = call.Body,
        };
        foreach (var (member, value) in call.PathMembers)
            request.AddPathResource($"{{{member}}}", value);
        foreach (var (name, value) in call.Query)
            request.Parameters.Add(name, value);
        if (call.Method is "POST" or "PUT" or "PATCH") // others are sent without content, and so without this header, which is signed
            request.Headers["Content-Type"] = "application/json";
        foreach (var (name, value) in call.Headers)
            request.Headers[name] = value;
        return request;
    }
}
