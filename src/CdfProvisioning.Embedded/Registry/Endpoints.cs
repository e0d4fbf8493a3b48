using CdfProvisioning.Iot;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>Where devices would connect to.</summary>
internal static class Endpoints
{
    /// <summary>
    /// Names like AWS's, but under <c>localhost</c>: there is no message broker here, and a device that was told a name
    /// under <c>amazonaws.com</c> would show its certificate to somebody else's.
    /// </summary>
    public static DescribeEndpointResponse Describe(Scope scope, DescribeEndpointRequest request) => new(
        scope.Arns.AccountId + request.EndpointType switch
        {
            null or "iot:Data" => ".iot",
            "iot:Data-ATS" => "-ats.iot",
            "iot:CredentialProvider" => ".credentials.iot",
            "iot:Jobs" => ".jobs.iot",
            var type => throw IotErrorType.InvalidRequest.Error(
                $"endpointType '{IotNames.Shown(type)}' is none of iot:Data, iot:Data-ATS, iot:CredentialProvider and iot:Jobs."),
        } + $".{scope.Arns.Region}.localhost");
}
