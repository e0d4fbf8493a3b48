using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace CdfProvisioning.Iot;

/// <summary>AWS's regions, by name (the AWS SDK's partitions, November 2026). The embedded registry has one of each, in a folder of that name.</summary>
internal static partial class AwsRegions
{
    public static readonly FrozenSet<string> All = FrozenSet.Create(
        "af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2",
        "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
        "ca-central-1", "ca-west-1", "cn-north-1", "cn-northwest-1", "eu-central-1", "eu-central-2", "eu-isoe-west-1", "eu-north-1",
        "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "eusc-de-east-1", "il-central-1", "me-central-1",
        "me-south-1", "me-west-1", "mx-central-1", "sa-east-1", "sa-west-1", "us-east-1", "us-east-2", "us-gov-east-1",
        "us-gov-west-1", "us-iso-east-1", "us-iso-west-1", "us-isob-east-1", "us-isob-west-1", "us-isof-east-1", "us-isof-south-1",
        "us-west-1", "us-west-2");

    /// <summary>Checks the region of an embedded registry.</summary>
    /// <exception cref="CdfException">InvalidRequest: AWS has no region of that name.</exception>
    public static void Check(string name)
    {
        if (!All.Contains(name))
            throw NoRegion(name);
    }

    /// <summary>Checks a region that AWS itself is to be asked in: AWS may have opened it since this version was made.</summary>
    /// <exception cref="CdfException">InvalidRequest: nothing could be a region of that name.</exception>
    public static void CheckForm(string name)
    {
        if (!All.Contains(name) && !Form().IsMatch(name))
            throw NoRegion(name);
    }

    private static CdfException NoRegion(string name) =>
        IotErrorType.InvalidRequest.Error($"AWS has no region '{IotNames.Shown(name)}': name one as AWS does, such as us-east-1 or eu-central-1.");

    /// <summary>Partition or continent, direction, number: what botocore's partitions take for a region.</summary>
    [GeneratedRegex(@"\A(?:af|ap|ca|cn|eu|eu-isoe|eusc-[a-z]{2}|il|me|mx|sa|us|us-gov|us-iso[a-z]?)-(?:central|(?:north|south)(?:east|west)?|east|west)-[1-9]\z")]
    private static partial Regex Form();
}
