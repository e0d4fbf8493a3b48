namespace CdfProvisioning.PowerShell.Tests;

/// <summary>Credentials as Get-AWSCredential emits them, of an SDK that is not ours.</summary>
public sealed class StoredCredentials(string accessKey, string secretKey)
{
    public Keys GetCredentials() => new(accessKey, secretKey, "");

    public sealed record Keys(string AccessKey, string SecretKey, string Token);
}
