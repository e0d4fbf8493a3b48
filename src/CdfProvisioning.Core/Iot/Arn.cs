namespace CdfProvisioning.Iot;

/// <summary>Reading AWS IoT's ARNs: <c>arn:partition:iot:region:account:type/name</c>.</summary>
internal static class Arn
{
    /// <summary>The certificate id in a certificate's ARN, or null where <paramref name="arn"/> is no certificate's.</summary>
    public static string? CertificateId(string arn) => After(arn, ":cert/");

    /// <summary>The certificate id in the ARN of a CA certificate, or null where <paramref name="arn"/> is no such one's.</summary>
    public static string? CaCertificateId(string arn) => After(arn, ":cacert/");

    /// <summary>The policy's name in its ARN, or null where <paramref name="arn"/> is no policy's.</summary>
    public static string? PolicyName(string arn) => After(arn, ":policy/");

    /// <summary><c>arn:partition:iot:region:account</c>.</summary>
    public static string Prefix(string region, string accountId) => $"arn:{Partition(region)}:iot:{region}:{accountId}";

    /// <summary>AWS General Reference, ARN format: China and GovCloud have partitions of their own.</summary>
    public static string Partition(string region) =>
        region.StartsWith("cn-", StringComparison.Ordinal) ? "aws-cn"
        : region.StartsWith("us-gov-", StringComparison.Ordinal) ? "aws-us-gov"
        : "aws";

    private static string? After(string arn, string type)
    {
        var at = arn.LastIndexOf(type, StringComparison.Ordinal);
        return at < 0 ? null : arn[(at + type.Length)..];
    }
}
