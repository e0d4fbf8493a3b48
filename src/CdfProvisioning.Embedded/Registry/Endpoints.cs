using CdfProvisioning.Iot;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>Where devices connect to.</summary>
internal static class Endpoints
{
    private static readonly IReadOnlyList<string> Data = ["iot:Data", "iot:Data-ATS"];

    /// <summary>
    /// Names like AWS's, but under <c>localhost</c>: a device that was told a name under <c>amazonaws.com</c> would show its
    /// certificate to somebody else's server. While devices can connect here, it is their port, which AWS's answers never
    /// name since it is always 8883.
    /// </summary>
    public static DescribeEndpointResponse Describe(Scope scope, DescribeEndpointRequest request)
    {
        var type = request.EndpointType ?? "iot:Data";
        var name = NameOf(scope.Arns, type) ?? throw IotErrorType.InvalidRequest.Error(
            $"endpointType '{IotNames.Shown(type)}' is none of iot:Data, iot:Data-ATS, iot:CredentialProvider and iot:Jobs.");
        if (scope.DeviceAddress is not { } address || !Data.Contains(type))
            return new(name);
        name = address.HostName ?? name;
        return new(address.Port == DeviceAddress.DefaultPort ? name : $"{name}:{address.Port}");
    }

    /// <summary>The names under which devices may know the server.</summary>
    public static IEnumerable<string> NamesOf(Arns arns) => Data.Select(type => NameOf(arns, type)!);

    private static string? NameOf(Arns arns, string type) => type switch
    {
        "iot:Data" => ".iot",
        "iot:Data-ATS" => "-ats.iot",
        "iot:CredentialProvider" => ".credentials.iot",
        "iot:Jobs" => ".jobs.iot",
        _ => null,
    } is { } middle ? $"{arns.AccountId}{middle}.{arns.Region}.localhost" : null;
}
