using System.IO.Pipelines;
using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Transfer;
using CdfProvisioning.Aws.Client;
using CdfProvisioning.Lists;

namespace CdfProvisioning.Aws.Tasks;

/// <summary>A list on its way to S3 as JSON lines, in parts, as its rows come. Disposed before it is complete, it leaves nothing there.</summary>
internal sealed class ListUpload : IAsyncDisposable
{
    private readonly Pipe _pipe = new();
    private readonly S3Failures _failures;
    private readonly Task _upload;

    public ListUpload(IAmazonS3 s3, string bucket, string key)
    {
        _failures = new S3Failures(s3, bucket, "-BulkBucket");
        _upload = UploadAsync(s3, bucket, key);
    }

    /// <summary>Adds rows; completes when there is room for more.</summary>
    /// <exception cref="CdfException">The bucket cannot be written to.</exception>
    public async ValueTask AddAsync(IReadOnlyList<IReadOnlyDictionary<string, string>> rows, CancellationToken cancellationToken)
    {
        foreach (var row in rows)
        {
            await _pipe.Writer.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(row, ParametersJson.Options), cancellationToken);
            if ((await _pipe.Writer.WriteAsync("\n"u8.ToArray(), cancellationToken)).IsCompleted)
                await _upload; // throws what ended it
        }
    }

    /// <exception cref="CdfException">The bucket cannot be written to.</exception>
    public async ValueTask CompleteAsync()
    {
        await _pipe.Writer.CompleteAsync();
        await _upload;
    }

    public async ValueTask DisposeAsync()
    {
        await _pipe.Writer.CompleteAsync(new OperationCanceledException("The list was not completed."));
        await _upload.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task UploadAsync(IAmazonS3 s3, string bucket, string key)
    {
        try
        {
            using var transfer = new TransferUtility(s3);
            await transfer.UploadAsync(new TransferUtilityUploadRequest { BucketName = bucket, Key = key, InputStream = _pipe.Reader.AsStream() });
        }
        catch (Exception e) when (AwsFailures.IsFailure(e, CancellationToken.None))
        {
            throw _failures.Translate(e, "PutObject");
        }
        finally
        {
            await _pipe.Reader.CompleteAsync();
        }
    }
}
