namespace CdfProvisioning.Aws.Credentials;

/// <summary>An access key; temporary ones have a session token.</summary>
internal sealed record AwsKeys(string AccessKey, string SecretKey, string? SessionToken = null)
{
    /// <summary>What a log or an error may show.</summary>
    public override string ToString() => $"{nameof(AwsKeys)} {{ AccessKey = {AccessKey} }}";
}
