using System.Text.Json;
using Amazon.Runtime;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Aws.Client;

/// <summary>Says in the user's words, and with the error types of AWS IoT, what went wrong on the way to a service or in it.</summary>
internal sealed class AwsFailures(AwsService service, ClientConfig config)
{
    public static bool IsThrottling(AmazonServiceException error) =>
        error.ErrorCode is "ThrottlingException" or "Throttling" or "TooManyRequestsException" or "RequestLimitExceeded" or "SlowDown"
        || error.StatusCode == System.Net.HttpStatusCode.TooManyRequests;

    /// <summary>Whether an exception is to be translated: not if that is done, nor if the caller has given up.</summary>
    public static bool IsFailure(Exception exception, CancellationToken cancellationToken) =>
        exception is not CdfException && !cancellationToken.IsCancellationRequested;

    public CdfException Translate(Exception exception, string operation) => exception switch
    {
        AmazonUnmarshallingException or JsonException => Unavailable(
            $"{service.Title} at {Place} answered {operation} with something that is not its answer. Is this an AWS endpoint, or does a proxy stand in between?", exception),
        AmazonServiceException error => Translate(error, operation),
        AmazonClientException error => CredentialFailures.Translate(error, config.Profile?.Name),
        HttpRequestException or IOException or TimeoutException or OperationCanceledException => Unavailable(
            $"{service.Title} at {Place} does not answer ({Innermost(exception)}).{Doubt(operation)} Check the region, the network and, if one is given, the endpoint URL.", exception),
        _ => Unavailable($"{operation} of {service.Title} failed: {exception.Message}", exception),
    };

    private string Place => config.ServiceURL ?? config.RegionEndpoint?.SystemName ?? "an unknown place";

    private CdfException Translate(AmazonServiceException error, string operation)
    {
        if (IsThrottling(error))
            return IotErrorType.Throttling.Error(
                $"{service.Title} throttles {operation}: {error.Message} Call it less often, or raise the account's quota in the console of Service Quotas.", error);
        if (CredentialFailures.Translate(error, config.Profile?.Name) is { } rejected)
            return rejected;
        if (error.ErrorCode is "AccessDeniedException" or "AccessDenied" or "UnauthorizedException" or "ForbiddenException")
            return IotErrorType.Unauthorized.Error(Denied(error.Message, $"{service.Name}:{operation}"), error);
        var type = IotErrorType.Find(error.ErrorCode) ?? IotErrorType.For(CodeOf((int)error.StatusCode));
        var message = type.Code == CdfErrorCode.Unavailable
            ? $"{service.Title} failed at {operation}: {error.Message}{Doubt(operation)} Try again later."
            : error.Message;
        return new CdfException(type, message, error) { ResourceId = error.ResourceId, ResourceArn = error.ResourceArn };
    }

    /// <summary>AWS mostly names the action that is missing, and then knows better: one operation may need several.</summary>
    public static string Denied(string message, string action)
    {
        var named = message.Contains("perform: ", StringComparison.Ordinal) ? "that action" : $"the action {action}";
        return $"{message.TrimEnd('.')}. Allow {named} in an IAM policy of the user or role whose credentials are used (the README has a policy to paste).";
    }

    private string Doubt(string operation) => config is AwsServiceConfig { IsRepeated: false }
        ? $" AWS may have done {operation} all the same; it was not sent again at {DateTimeOffset.UtcNow:HH:mm:ss} UTC, since that could do it twice."
        : "";

    private static CdfErrorCode CodeOf(int status) => status switch
    {
        401 or 403 => CdfErrorCode.AccessDenied,
        404 => CdfErrorCode.NotFound,
        406 or 409 => CdfErrorCode.Conflict,
        >= 500 => CdfErrorCode.Unavailable,
        _ => CdfErrorCode.InvalidRequest,
    };

    private static string Innermost(Exception exception) =>
        exception is OperationCanceledException ? "it took too long" : exception.GetBaseException().Message.TrimEnd('.');

    private static CdfException Unavailable(string message, Exception cause) => IotErrorType.ServiceUnavailable.Error(message, cause);
}
