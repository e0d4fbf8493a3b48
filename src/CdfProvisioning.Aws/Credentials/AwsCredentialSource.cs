using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.Runtime.Credentials;
using CdfProvisioning.Aws.Client;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Aws.Credentials;

/// <summary>
/// Finds region and credentials as AWS's own PowerShell module does: what the caller gives, then what the session has stored,
/// then the SDK's chain (environment, default profile, container, instance).
/// </summary>
internal sealed class AwsCredentialSource(AwsBackendOptions options)
{
    private readonly CredentialProfileStoreChain _profiles = new();

    /// <exception cref="CdfException">InvalidRequest: there is no region; AccessDenied: there are no credentials, or they cannot be had.</exception>
    public async ValueTask<AwsSettings> ResolveAsync(CancellationToken cancellationToken)
    {
        SdkDependencies.Register();
        var region = Region();
        AwsRegions.CheckForm(region);
        var settings = new AwsSettings(region, await CredentialsAsync(region, cancellationToken), options.EndpointUrl);
        return options.RoleArn is { } role ? settings with { Credentials = new AssumedRole(settings, role) } : settings;
    }

    private string Region() =>
        options.Region
        ?? (options.ProfileName is { } name ? Profile(name).Region?.SystemName : null)
        ?? options.SessionRegion
        ?? FallbackRegionFactory.GetRegionEndpoint()?.SystemName
        ?? throw CdfErrorCode.InvalidRequest.Error(
            "There is no AWS region. Give one (Connect-Cdf -Region eu-west-1), run Set-DefaultAWSRegion, or set AWS_REGION or the profile's region.");

    private async ValueTask<AWSCredentials> CredentialsAsync(string region, CancellationToken cancellationToken)
    {
        if (options.Keys is { } keys)
            return new SessionCredentials(() => keys);
        if (options.ProfileName is { } name)
            return OfProfile(Profile(name), region);
        if (options.SessionKeys is { } session)
            return new SessionCredentials(session);
        try
        {
            return await new DefaultAWSCredentialsIdentityResolver().ResolveIdentityAsync(clientConfig: null, cancellationToken);
        }
        catch (AmazonClientException e)
        {
            throw CredentialFailures.Translate(e, profile: null);
        }
    }

    private CredentialProfile Profile(string name)
    {
        if (_profiles.TryGetProfile(name, out var profile))
            return profile;
        var names = string.Join(", ", _profiles.ListProfiles().Select(p => p.Name));
        throw CdfErrorCode.InvalidRequest.Error(
            $"There is no AWS profile '{name}'. {(names.Length == 0 ? "There are none yet: aws configure makes one." : $"There are: {names}.")}");
    }

    private AWSCredentials OfProfile(CredentialProfile profile, string region)
    {
        try
        {
            return profile.Options is { RoleArn: { } role, SourceProfile: { } source, MfaSerial: null }
                ? new AssumedRole(new AwsSettings(region, OfProfile(Profile(source), region), options.EndpointUrl), role, profile.Options.ExternalID)
                : profile.GetAWSCredentials(_profiles);
        }
        catch (AmazonClientException e)
        {
            throw CredentialFailures.Translate(e, profile.Name);
        }
    }
}
