namespace CdfProvisioning.PowerShell.Tests;

/// <summary>
/// On what the suite runs: the embedded registry, or, if the environment variable CDF_TEST_BACKEND is <c>aws</c>, the AWS
/// backend on our AWS-compatible endpoint.
/// </summary>
internal static class TestBackend
{
    /// <summary>Each session is an account of its own, so that none sees another's lists.</summary>
    private static long _accounts = 100_000_000_000;

    static TestBackend()
    {
        if (IsAws)
            Environment.SetEnvironmentVariable("CDF_HOME", Directory.CreateTempSubdirectory("cdf-tests-home-").FullName);
    }

    /// <summary>For tests of what only the embedded backend has: that a CA made here also issues as one of ACM PCA's.</summary>
    public static void SkipWithoutPrivateCa() => Assert.SkipWhen(IsAws, "On AWS, ACM PCA has CAs of its own.");

    public static bool IsAws { get; } = Environment.GetEnvironmentVariable("CDF_TEST_BACKEND") == "aws";

    public static void ConnectToAws(Session session)
    {
        Directory.CreateDirectory(Path.Combine(session.PathOf("registry"), "buckets", "bulk"));
        session.Get(
            """
            $null = Connect-Cdf -Path $args[0] -AccountId $args[1]
            $server = Start-CdfServer -Port 0 -AwsPort 0
            Connect-Cdf -EndpointUrl $server.AwsAddress -Region us-east-1 -AccessKey test -SecretKey test -TemplateBucket templates -BulkBucket bulk -BulkRoleArn arn:aws:iam::123456789012:role/bulk -RequestsPerSecond 1000
            """,
            session.PathOf("registry"), Interlocked.Increment(ref _accounts).ToString(System.Globalization.CultureInfo.InvariantCulture));
    }
}
