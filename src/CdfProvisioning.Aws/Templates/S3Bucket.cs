using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using CdfProvisioning.Aws.Client;

namespace CdfProvisioning.Aws.Templates;

/// <summary>A bucket of small texts.</summary>
internal sealed class S3Bucket(IAmazonS3 s3, string name)
{
    /// <summary>AWS IoT takes templates of 10,240 characters; whatever is a hundred times as large is no text of ours.</summary>
    private const long MaxBytes = 1 << 20;

    private readonly S3Failures _failures = new(s3, name, "-TemplateBucket");

    public string UrlOf(string key) => $"s3://{name}/{key}";

    /// <returns>Null if there is no such object; <paramref name="known"/> itself if it is still what is there.</returns>
    /// <exception cref="CdfException">InvalidRequest, AccessDenied, Unavailable.</exception>
    public async ValueTask<S3Text?> FindAsync(string key, S3Text? known, CancellationToken cancellationToken)
    {
        try
        {
            using var found = await s3.GetObjectAsync(
                new GetObjectRequest { BucketName = name, Key = key, EtagToNotMatch = known?.ETag }, cancellationToken);
            if (found.ContentLength > MaxBytes)
                throw CdfErrorCode.InvalidRequest.Error($"{UrlOf(key)} has {found.ContentLength:N0} bytes: that is no provisioning template.");
            using var reader = new StreamReader(found.ResponseStream, Encoding.UTF8);
            return new S3Text(await reader.ReadToEndAsync(cancellationToken), found.ETag, TimeOf(found.LastModified));
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotModified && known is not null)
        {
            return known;
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchKey")
        {
            return null;
        }
        catch (Exception e) when (AwsFailures.IsFailure(e, cancellationToken))
        {
            throw _failures.Translate(e, "GetObject");
        }
    }

    public async ValueTask PutAsync(string key, string text, CancellationToken cancellationToken)
    {
        try
        {
            await s3.PutObjectAsync(
                new PutObjectRequest { BucketName = name, Key = key, ContentBody = text, ContentType = "application/json" }, cancellationToken);
        }
        catch (Exception e) when (AwsFailures.IsFailure(e, cancellationToken))
        {
            throw _failures.Translate(e, "PutObject");
        }
    }

    /// <returns>False if there was no such object.</returns>
    public async ValueTask<bool> RemoveAsync(string key, CancellationToken cancellationToken)
    {
        if (await FindAsync(key, known: null, cancellationToken) is null)
            return false;
        try
        {
            await s3.DeleteObjectAsync(name, key, cancellationToken);
            return true;
        }
        catch (Exception e) when (AwsFailures.IsFailure(e, cancellationToken))
        {
            throw _failures.Translate(e, "DeleteObject");
        }
    }

    /// <summary>The keys that begin with <paramref name="prefix"/>, in S3's order, page by page.</summary>
    public async IAsyncEnumerable<string> KeysAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = name, Prefix = prefix };
        ListObjectsV2Response page;
        do
        {
            try
            {
                page = await s3.ListObjectsV2Async(request, cancellationToken);
            }
            catch (Exception e) when (AwsFailures.IsFailure(e, cancellationToken))
            {
                throw _failures.Translate(e, "ListBucket");
            }
            foreach (var found in page.S3Objects ?? [])
                yield return found.Key;
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
    }

    private static DateTimeOffset TimeOf(DateTime? time) => time is { } utc ? new(utc.ToUniversalTime()) : default;
}

/// <summary>An object's text as it was when its ETag was this.</summary>
internal sealed record S3Text(string Text, string ETag, DateTimeOffset LastModified);
