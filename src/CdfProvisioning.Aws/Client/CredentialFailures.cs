using Amazon.Runtime;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Aws.Client;

/// <summary>What to do about credentials that are missing, expired or wrong.</summary>
internal static class CredentialFailures
{
    /// <returns>Null if the credentials are not what is wrong.</returns>
    public static CdfException? Translate(AmazonServiceException error, string? profile) => error.ErrorCode switch
    {
        "ExpiredToken" or "ExpiredTokenException" or "TokenRefreshRequired" => Denied(
            $"The AWS credentials have expired. {LogIn(profile)}", error),
        "RequestExpired" or "RequestTimeTooSkewed" or "RequestInTheFuture" => Denied(
            $"AWS refuses the time of the request: {error.Message} Set this computer's clock, which is at {DateTimeOffset.UtcNow:u}.", error),
        "InvalidSignatureException" or "SignatureDoesNotMatch" or "IncompleteSignature" or "AuthFailure" => Denied(
            $"AWS does not accept the signature: {error.Message} Check the secret key, and this computer's clock, which is at {DateTimeOffset.UtcNow:u}.", error),
        "UnrecognizedClientException" or "InvalidClientTokenId" or "InvalidAccessKeyId" or "MissingAuthenticationToken" or "MissingAuthenticationTokenException" => Denied(
            $"AWS does not know these credentials: {error.Message} Check the access key, the session token, and whether they belong to the region's partition.", error),
        _ => null,
    };

    /// <summary>The SDK found no usable credentials, or is set up wrongly.</summary>
    public static CdfException Translate(AmazonClientException error, string? profile) => error.Message switch
    {
        var message when message.Contains("SSO", StringComparison.Ordinal) => Denied($"The SSO login is missing or has expired. {LogIn(profile)}", error),
        var message when message.Contains("resolve AWS credentials", StringComparison.OrdinalIgnoreCase)
            || message.Contains("find credentials", StringComparison.OrdinalIgnoreCase) => Denied(NoCredentials, error),
        var message => Denied($"There are no usable AWS credentials: {message}", error),
    };

    public const string NoCredentials =
        "There are no AWS credentials. Name a profile (Connect-Cdf -ProfileName), give -AccessKey and -SecretKey, run Set-AWSCredential, " +
        "or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.";

    private static string LogIn(string? profile) => profile is null
        ? "Get new ones (with SSO: aws sso login), and connect again (Connect-Cdf)."
        : $"Log in again (aws sso login --profile {profile}, or renew the profile's keys), and connect again (Connect-Cdf -ProfileName {profile}).";

    private static CdfException Denied(string message, Exception cause) => IotErrorType.Unauthorized.Error(message, cause);
}
