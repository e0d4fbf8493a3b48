namespace CdfProvisioning.Iot;

/// <summary>Reading AWS IoT's ARNs: <c>arn:partition:iot:region:account:type/name</c>.</summary>
internal static class Arn
{
    /// <summary>The certificate id in a certificate's ARN, or null where <paramref name="arn"/> is no certificate's.</summary>
    public static string? CertificateId(string arn) => After(arn, ":cert/");

    /// <summary>The certificate id in the ARN of a CA certificate, or null where <paramref name="arn"/> is no such one's.</summary>
    public static string? CaCertificateId(string arn) => After(arn, ":cacert/");

    private static string? After(string arn, string type)
    {
        var at = arn.LastIndexOf(type, StringComparison.Ordinal);
        return at < 0 ? null : arn[(at + type.Length)..];
    }
}
