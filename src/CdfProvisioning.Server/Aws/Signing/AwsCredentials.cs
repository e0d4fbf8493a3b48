using System.Security.Cryptography;

namespace CdfProvisioning.Server.Aws.Signing;

/// <summary>What AWS's clients sign with.</summary>
/// <param name="AccessKeyId">Goes with every request.</param>
/// <param name="SecretAccessKey">Goes with none.</param>
/// <param name="SessionToken">Of temporary credentials: goes with every request too.</param>
internal sealed record AwsCredentials(string AccessKeyId, string SecretAccessKey, string? SessionToken = null)
{
    /// <summary>Makes credentials of the form of AWS's own: an id of 20 characters, and 40 characters of 240 random bits.</summary>
    public static AwsCredentials CreateRandom() => new(
        "AKIA" + RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16), Convert.ToBase64String(RandomNumberGenerator.GetBytes(30)));

    /// <summary>Never the secret.</summary>
    public override string ToString() => AccessKeyId;
}
