namespace CdfProvisioning.Server.Aws.Signing;

/// <summary>What AWS's clients sign with.</summary>
/// <param name="AccessKeyId">Goes with every request.</param>
/// <param name="SecretAccessKey">Goes with none.</param>
/// <param name="SessionToken">Of temporary credentials: goes with every request too.</param>
internal sealed record AwsCredentials(string AccessKeyId, string SecretAccessKey, string? SessionToken = null)
{
    /// <summary>Never the secret.</summary>
    public override string ToString() => AccessKeyId;
}
