using System.IO.Pipelines;
using Amazon.S3;
using CdfProvisioning.Aws.Client;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Aws.Tasks;

/// <summary>The list of a task that AWS runs, as it lies in S3: AWS reports by line which rows have failed, and not what was in them.</summary>
/// <param name="s3">S3.</param>
/// <param name="task">AWS's task.</param>
internal sealed class SentList(IAmazonS3 s3, DescribeThingRegistrationTaskResponse task)
{
    /// <summary>Gives results, which are all of this task, their rows' parameters and the thing's name. Where the list is there no more, or may not be read, they stay as they are.</summary>
    public async ValueTask<IReadOnlyList<BulkRegistrationResult>> CompleteAsync(IReadOnlyList<BulkRegistrationResult> results, CancellationToken cancellationToken)
    {
        var byRow = results.Select((result, i) => (result.Row, Index: i)).ToLookup(found => found.Row, found => found.Index);
        var completed = results.ToArray();
        try
        {
            var template = ProvisioningTemplate.Compile(task.TemplateBody!);
            using var list = await s3.GetObjectAsync(task.InputFileBucket, task.InputFileKey, cancellationToken);
            var row = 0L;
            await foreach (var parameters in JsonLinesReader.ReadAsync(PipeReader.Create(list.ResponseStream), task.InputFileKey!, keepsMalformed: true, cancellationToken).Take((int)results.Max(result => result.Row)))
                foreach (var i in byRow[++row])
                    completed[i] = results[i] with { Parameters = parameters, ThingName = template.FindThingName(parameters) };
        }
        catch (Exception e) when (e is CdfException || AwsFailures.IsFailure(e, cancellationToken))
        {
            // AWS's report says what it says without it.
        }

        return completed;
    }
}
