using System.Runtime.CompilerServices;
using System.Text.Json;
using Amazon.S3;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.Aws.Tasks;

/// <summary>
/// The reports of a thing registration task: JSON lines behind links that AWS has signed. AWS documents what RESULTS has of
/// a thing (certificate and ARNs), and neither line numbers nor the members of ERRORS; they are read where they are found.
/// </summary>
internal static class ThingRegistrationReports
{
    /// <summary>For so many failed rows at a time the list is looked through for what was in them.</summary>
    private const int FailuresAtOnce = 10_000;

    private static readonly HttpClient Http = new();

    /// <param name="registry">AWS IoT.</param>
    /// <param name="s3">Where the list is.</param>
    /// <param name="awsTaskId">AWS's id of the task.</param>
    /// <param name="taskId">Our id of it.</param>
    /// <param name="failedOnly">Whether only failures are wanted.</param>
    /// <param name="cancellationToken">Cancels the download.</param>
    public static async IAsyncEnumerable<BulkRegistrationResult> ReadAsync(
        IDeviceRegistry registry, IAmazonS3 s3, string awsTaskId, string taskId, bool failedOnly, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var row = 0L;
        if (!failedOnly)
            await foreach (var line in LinesAsync(registry, awsTaskId, "RESULTS", cancellationToken))
                yield return Result(line, taskId, ++row, succeeded: true).Result;

        row = 0;
        SentList? list = null;
        await foreach (var lines in LinesAsync(registry, awsTaskId, "ERRORS", cancellationToken).Chunk(FailuresAtOnce))
        {
            list ??= new(s3, await registry.InvokeAsync(new DescribeThingRegistrationTaskRequest(awsTaskId), cancellationToken));
            var failures = lines.Select(line => Result(line, taskId, ++row, succeeded: false)).ToList();
            var results = failures.ConvertAll(failure => failure.Result);
            foreach (var result in failures.TrueForAll(failure => failure.IsNumbered) ? await list.CompleteAsync(results, cancellationToken) : results)
                yield return result;
        }
    }

    private static async IAsyncEnumerable<string> LinesAsync(
        IDeviceRegistry registry, string awsTaskId, string type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var link in registry.ThingRegistrationTaskReportsAsync(awsTaskId, type, cancellationToken))
        {
            using var reader = new StreamReader(await OpenAsync(link, cancellationToken));
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
                if (line.Length > 0)
                    yield return line;
        }
    }

    private static async ValueTask<Stream> OpenAsync(string link, CancellationToken cancellationToken)
    {
        try
        {
            return await Http.GetStreamAsync(link, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw CdfErrorCode.Unavailable.Error($"A report of the task cannot be read: {e.Message} Its link is good for a short time only: try again.", e);
        }
    }

    /// <returns>The result, and whether the report says of which row it is.</returns>
    private static (BulkRegistrationResult Result, bool IsNumbered) Result(string line, string taskId, long row, bool succeeded)
    {
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        var arns = Member(Member(root, "response"), "ResourceArns") is { ValueKind: JsonValueKind.Object } found
            ? found.EnumerateObject().Select(arn => arn.Value.GetString()!).ToList()
            : [];
        long? number = Member(root, "lineNumber") is { ValueKind: JsonValueKind.Number } told ? told.GetInt64() : null;
        var result = new BulkRegistrationResult
        {
            TaskId = taskId,
            Row = number ?? row,
            ThingName = arns.Find(arn => arn.Contains(":thing/", StringComparison.Ordinal))?.Split(":thing/")[1],
            Succeeded = succeeded,
            CertificateId = arns.Select(Arn.CertificateId).FirstOrDefault(id => id is not null),
            CertificatePem = Text(Member(root, "response"), "CertificatePem"),
            ErrorCode = Text(root, "errorCode") ?? (succeeded ? null : IotErrorType.ResourceRegistrationFailure.Name),
            Error = Text(root, "errorMessage") ?? Text(root, "message") ?? (succeeded ? null : line),
        };
        return (result, number is not null);
    }

    private static JsonElement? Member(JsonElement? element, string name)
    {
        if (element is { ValueKind: JsonValueKind.Object } json)
            foreach (var member in json.EnumerateObject())
                if (string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase))
                    return member.Value;
        return null;
    }

    private static string? Text(JsonElement? element, string name) => Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
