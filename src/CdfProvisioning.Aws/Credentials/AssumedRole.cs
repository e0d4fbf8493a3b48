using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using CdfProvisioning.Aws.Client;

namespace CdfProvisioning.Aws.Credentials;

/// <summary>
/// A role's temporary credentials, renewed before they expire. The SDK's own class finds STS by reflection, in whichever
/// module of the process has it, and only at AWS's endpoints.
/// </summary>
internal sealed class AssumedRole(AwsSettings source, string roleArn, string? externalId = null) : RefreshingAWSCredentials
{
    private const string SessionName = "CdfProvisioning";

    /// <summary>Renews so long before the end that a slow call still finds them valid.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    protected override async Task<CredentialsRefreshState> GenerateNewCredentialsAsync()
    {
        using var sts = new AmazonSecurityTokenServiceClient(source.Credentials, source.Apply(new AmazonSecurityTokenServiceConfig()));
        try
        {
            var answer = await sts.AssumeRoleAsync(new AssumeRoleRequest { RoleArn = roleArn, RoleSessionName = SessionName, ExternalId = externalId });
            PreemptExpiryTime = Margin;
            return new CredentialsRefreshState(answer.Credentials.GetCredentials(), answer.Credentials.Expiration!.Value);
        }
        catch (AmazonSecurityTokenServiceException e) when (e.ErrorCode == "AccessDenied")
        {
            throw CdfErrorCode.AccessDenied.Error(
                $"The role {roleArn} cannot be assumed: {AwsFailures.Denied(e.Message, "sts:AssumeRole")} The role's trust policy has to allow it, too.", e);
        }
        catch (Exception e) when (AwsFailures.IsFailure(e, CancellationToken.None))
        {
            throw new AwsFailures(AwsService.Sts, (ClientConfig)sts.Config).Translate(e, "AssumeRole");
        }
    }
}
