using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Aws.Client;

/// <summary>Says what is wrong with a bucket.</summary>
/// <param name="s3">The client.</param>
/// <param name="bucket">The bucket.</param>
/// <param name="parameter">How the user named the bucket.</param>
internal sealed class S3Failures(IAmazonS3 s3, string bucket, string parameter)
{
    private readonly AwsFailures _others = new(AwsService.S3, (ClientConfig)s3.Config);

    /// <param name="exception">What the client threw.</param>
    /// <param name="action">The IAM action without its service, such as <c>GetObject</c>.</param>
    public CdfException Translate(Exception exception, string action) => exception switch
    {
        AmazonS3Exception { ErrorCode: "NoSuchBucket" } e => IotErrorType.InvalidRequest.Error(
            $"There is no bucket '{bucket}'. Check the name ({parameter}).", e),
        AmazonS3Exception { ErrorCode: "InvalidBucketName" } e => IotErrorType.InvalidRequest.Error(
            $"'{bucket}' cannot be the name of a bucket: {e.Message}. Check {parameter}.", e),
        AmazonS3Exception { ErrorCode: "PermanentRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" } e => Elsewhere(e),
        AmazonS3Exception { StatusCode: HttpStatusCode.MovedPermanently } e => Elsewhere(e),
        AmazonS3Exception { ErrorCode: "AccessDenied" or "AllAccessDisabled" or "Forbidden" } e => IotErrorType.Unauthorized.Error(
            $"{AwsFailures.Denied($"Access to the bucket '{bucket}' is denied: {Text(e)}", $"s3:{action}")} Without s3:ListBucket S3 says so also of an object that is not there.", e),
        AmazonS3Exception e when CredentialFailures.Translate(e, null) is null && !AwsFailures.IsForeign(e) && e.StatusCode < HttpStatusCode.InternalServerError =>
            IotErrorType.InvalidRequest.Error($"S3 refuses {action} in the bucket '{bucket}': {Text(e)}", e),
        _ => _others.Translate(exception, action),
    };

    private CdfException Elsewhere(AmazonS3Exception e) => IotErrorType.InvalidRequest.Error(
        $"The bucket '{bucket}' is in another region than {s3.Config.RegionEndpoint?.SystemName ?? s3.Config.AuthenticationRegion}: {Text(e)} Name a bucket of that region ({parameter}), or connect to the bucket's region.", e);

    /// <summary>The SDK's message repeats the whole answer.</summary>
    private static string Text(AmazonS3Exception e) => e.Message.Split(" Response Body:")[0];
}
