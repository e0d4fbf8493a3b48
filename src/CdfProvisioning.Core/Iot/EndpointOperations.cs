namespace CdfProvisioning.Iot;

internal sealed record DescribeEndpointRequest(string? EndpointType = null) : IIotRequest<DescribeEndpointResponse>;

internal sealed record DescribeEndpointResponse(string? EndpointAddress);
