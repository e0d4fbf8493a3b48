using System.Collections.ObjectModel;
using System.Net;
using System.Text.Json;
using Amazon.Runtime;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Aws.Client;

/// <summary>Says in the user's words, and with the error types of AWS IoT, what went wrong on the way to a service or in it.</summary>
internal sealed class AwsFailures(AwsService service, ClientConfig config)
{
    public static bool IsThrottling(AmazonServiceException error) =>
        error.ErrorCode is "ThrottlingException" or "Throttling" or "TooManyRequestsException" or "RequestLimitExceeded" or "SlowDown"
        || error.StatusCode == HttpStatusCode.TooManyRequests;

    /// <summary>Whether an exception is to be translated: not if that is done, nor if the caller has given up.</summary>
    public static bool IsFailure(Exception exception, CancellationToken cancellationToken) =>
        exception is not CdfException && !cancellationToken.IsCancellationRequested;

    /// <param name="exception">What the SDK threw.</param>
    /// <param name="operation">What the service was asked for.</param>
    /// <param name="names">The names in the request, by member.</param>
    public CdfException Translate(Exception exception, string operation, IReadOnlyDictionary<string, string>? names = null) => exception switch
    {
        AmazonUnmarshallingException { StatusCode: HttpStatusCode.OK } or JsonException => Foreign("something that is not its answer", operation, exception),
        AmazonServiceException error when IsForeign(error) => Foreign(
            $"HTTP status {(int)error.StatusCode} and no error of AWS{(Said(error) is { } text ? $", but '{text}'" : "")}", operation, exception),
        AmazonServiceException error => Translate(error, operation, names ?? ReadOnlyDictionary<string, string>.Empty),
        AmazonClientException error => CredentialFailures.Translate(error, config.Profile?.Name),
        HttpRequestException or IOException or TimeoutException or OperationCanceledException => Unavailable(
            $"{service.Title} at {Place} does not answer ({Innermost(exception)}).{Doubt(operation)} Check the region, the network and, if one is given, the endpoint URL.", exception),
        _ => Unavailable($"{operation} of {service.Title} failed: {exception.Message}", exception),
    };

    /// <summary>AWS names the type of each of its errors. What does not is another's, and a 404 of it says nothing of the thing asked for.</summary>
    public static bool IsForeign(AmazonServiceException error) =>
        !IsThrottling(error)
        && (string.IsNullOrEmpty(error.ErrorCode) || (error.ErrorCode == error.StatusCode.ToString() && Said(error) is null)); // S3's client puts the status there

    private string Place => config.ServiceURL ?? config.RegionEndpoint?.SystemName ?? "an unknown place";

    private CdfException Foreign(string answer, string operation, Exception cause) => Unavailable(
        $"{service.Title} at {Place} answered {operation} with {answer}.{Doubt(operation)} Check that this is an AWS endpoint that knows {operation}, and that no proxy stands in between.",
        cause);

    private CdfException Translate(AmazonServiceException error, string operation, IReadOnlyDictionary<string, string> names)
    {
        var said = Said(error) ?? error.ErrorCode;
        if (IsThrottling(error))
            return IotErrorType.Throttling.Error(
                $"{service.Title} throttles {operation}: {said} Call it less often, or raise the account's quota in the console of Service Quotas.", error);
        if (CredentialFailures.Translate(error, config.Profile?.Name) is { } rejected)
            return rejected;
        if (error.ErrorCode is "AccessDeniedException" or "AccessDenied" or "UnauthorizedException" or "ForbiddenException")
            return IotErrorType.Unauthorized.Error(Denied(said, $"{service.Name}:{operation}"), error);
        var type = IotErrorType.Find(error.ErrorCode) ?? IotErrorType.For(CodeOf((int)error.StatusCode));
        var message = type.Code switch
        {
            CdfErrorCode.Unavailable => $"{service.Title} failed at {operation}: {said}{Doubt(operation)} Try again later.",
            CdfErrorCode.NotFound or CdfErrorCode.InvalidRequest when !names.Values.Any(said.Contains) => $"{said.Trim(' ', '.')} ({operation}{Of(names)}).",
            _ => said,
        };
        return type.Error(message, error.ResourceId, error.ResourceArn, error);
    }

    private static string Of(IReadOnlyDictionary<string, string> names) =>
        names.Count == 0 ? "" : $" of {string.Join(", ", names.Select(name => $"{name.Key} '{name.Value}'"))}";

    /// <summary>What the service says, unless that is nothing and the SDK has made up a text.</summary>
    private static string? Said(AmazonServiceException error) =>
        error is AmazonUnmarshallingException
        || error.Message.StartsWith("The service returned an error", StringComparison.Ordinal)
        || error.Message.StartsWith("Error making request", StringComparison.Ordinal) ? null : error.Message;

    /// <summary>AWS mostly names the action that is missing, and then knows better: one operation may need several.</summary>
    public static string Denied(string message, string action)
    {
        var named = message.Contains("perform: ", StringComparison.Ordinal) ? "that action" : $"the action {action}";
        return $"{message.TrimEnd('.')}. Allow {named} in an IAM policy of the user or role whose credentials are used (the README has a policy to paste).";
    }

    private string Doubt(string operation) => config is AwsServiceConfig { IsRepeated: false }
        ? $" AWS may have done {operation} all the same, so at {DateTimeOffset.UtcNow:HH:mm:ss} UTC it was not sent again."
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
