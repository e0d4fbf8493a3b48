using Amazon.Runtime;

namespace CdfProvisioning.Aws.Credentials;

/// <summary>Credentials that the PowerShell session keeps, asked for each time, since they expire and are renewed there.</summary>
internal sealed class SessionCredentials(Func<AwsKeys> keys) : AWSCredentials
{
    public override ImmutableCredentials GetCredentials()
    {
        var (accessKey, secretKey, sessionToken) = keys();
        return new ImmutableCredentials(accessKey, secretKey, sessionToken);
    }
}
