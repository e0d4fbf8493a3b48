using System.Text.Json;
using System.Text.Json.Nodes;
using CdfProvisioning.Files;

namespace CdfProvisioning.Embedded.Tasks;

/// <summary>
/// The results of a task as AWS IoT reports them: a JSON object a line. Of RESULTS the member names are AWS's; what AWS
/// writes in ERRORS is not documented.
/// </summary>
internal sealed class TaskReport(string folder, string arnPrefix, string? templateBody)
{
    /// <summary>AWS has one of its own for them.</summary>
    private const string Bucket = "thing-registration-reports";

    private readonly string? _thing = LogicalId(templateBody, "AWS::IoT::Thing");
    private readonly string? _certificate = LogicalId(templateBody, "AWS::IoT::Certificate");

    /// <returns>The path of the report.</returns>
    public async ValueTask<string> WriteAsync(
        string taskId, string type, IAsyncEnumerable<BulkRegistrationResult> results, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, EmbeddedBackend.BucketsFolder, Bucket, taskId, $"{type}.jsonl");
        try
        {
            if (File.Exists(path))
                return path;
            PrivateFiles.CreateFolder(Path.GetDirectoryName(path)!);
            await PrivateFiles.WriteAsync(path, async file =>
            {
                await using var writer = new StreamWriter(file, leaveOpen: true);
                await foreach (var result in results.WithCancellation(cancellationToken))
                    if (result.Succeeded == (type == "RESULTS"))
                        await writer.WriteLineAsync(Line(result));
            });
            return path;
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite("The report", path, e);
        }
    }

    private string Line(BulkRegistrationResult result) => JsonSerializer.Serialize(result.Succeeded
        ? new JsonObject { ["response"] = Response(result) }
        : new JsonObject { ["lineNumber"] = result.Row, ["errorCode"] = result.ErrorCode, ["errorMessage"] = result.Error is null ? null : PublicText.Of(result.Error) });

    private JsonObject Response(BulkRegistrationResult result)
    {
        var response = new JsonObject { ["ResourceArns"] = ResourceArns(result) };
        if (result.CertificatePem is { } pem)
            response.Insert(0, "CertificatePem", pem);
        return response;
    }

    private JsonObject ResourceArns(BulkRegistrationResult result)
    {
        var arns = new JsonObject();
        if (_thing is not null)
            arns.Add(_thing, $"{arnPrefix}:thing/{result.ThingName}");
        if (_certificate is not null)
            arns.Add(_certificate, $"{arnPrefix}:cert/{result.CertificateId}");
        foreach (var (logicalId, arn) in result.PolicyArns ?? new Dictionary<string, string>())
            arns.Add(logicalId, arn);
        return arns;
    }

    private static string? LogicalId(string? templateBody, string type)
    {
        if (templateBody is null)
            return null;
        using var template = JsonDocument.Parse(templateBody);
        foreach (var resource in template.RootElement.GetProperty("Resources").EnumerateObject())
            if (resource.Value.GetProperty("Type").ValueEquals(type))
                return resource.Name;
        return null;
    }
}
