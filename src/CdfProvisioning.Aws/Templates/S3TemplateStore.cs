using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using CdfProvisioning.Aws.Client;
using CdfProvisioning.Templates;

namespace CdfProvisioning.Aws.Templates;

/// <summary>
/// Templates as objects <c>&lt;prefix&gt;&lt;id&gt;&lt;suffix&gt;</c> of a bucket, as the original service keys them. What was
/// read once is only read again if its ETag has changed.
/// </summary>
internal sealed class S3TemplateStore(IAmazonS3 s3, string bucket, string prefix = "", string suffix = ".json") : ITemplateStore
{
    /// <summary>AWS IoT takes 10,240 characters; whatever is a hundred times as large is no template.</summary>
    private const long MaxBytes = 1 << 20;

    private readonly ConcurrentDictionary<string, (string ETag, StoredTemplate Template)> _cache = new();
    private readonly S3Failures _failures = new(s3, bucket, "-TemplateBucket");

    public async ValueTask<StoredTemplate> GetAsync(string templateId, CancellationToken cancellationToken)
    {
        var isCached = _cache.TryGetValue(templateId, out var cached);
        var request = new GetObjectRequest { BucketName = bucket, Key = KeyOf(templateId), EtagToNotMatch = isCached ? cached.ETag : null };
        try
        {
            using var found = await s3.GetObjectAsync(request, cancellationToken);
            if (found.ContentLength > MaxBytes)
                throw new CdfException(
                    CdfErrorCode.InvalidTemplate, $"s3://{bucket}/{request.Key} has {found.ContentLength:N0} bytes: that is no provisioning template.");
            using var reader = new StreamReader(found.ResponseStream, Encoding.UTF8);
            var template = new StoredTemplate(templateId, await reader.ReadToEndAsync(cancellationToken), Time(found.LastModified));
            _cache[templateId] = (found.ETag, template);
            return template;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotModified && isCached)
        {
            return cached.Template;
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchKey")
        {
            throw new CdfException(
                CdfErrorCode.NotFound,
                $"There is no template '{templateId}' (s3://{bucket}/{request.Key}). Get-CdfTemplate lists those there are; Set-CdfTemplate -TemplateId {templateId} -Path <file> adds one.");
        }
        catch (Exception e) when (AwsFailures.IsFailure(e, cancellationToken))
        {
            throw _failures.Translate(e, "GetObject");
        }
    }

    public async IAsyncEnumerable<StoredTemplate> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var id in IdsAsync(cancellationToken))
            yield return await GetAsync(id, cancellationToken);
    }

    public async ValueTask<StoredTemplate> PutAsync(string templateId, string body, CancellationToken cancellationToken)
    {
        try
        {
            await s3.PutObjectAsync(
                new PutObjectRequest { BucketName = bucket, Key = KeyOf(templateId), ContentBody = body, ContentType = "application/json" }, cancellationToken);
            return await GetAsync(templateId, cancellationToken);
        }
        catch (Exception e) when (AwsFailures.IsFailure(e, cancellationToken))
        {
            throw _failures.Translate(e, "PutObject");
        }
    }

    public async ValueTask<bool> RemoveAsync(string templateId, CancellationToken cancellationToken)
    {
        var key = KeyOf(templateId);
        try
        {
            await s3.GetObjectMetadataAsync(bucket, key, cancellationToken);
            await s3.DeleteObjectAsync(bucket, key, cancellationToken);
            _cache.TryRemove(templateId, out _);
            return true;
        }
        catch (AmazonS3Exception e) when (e is { StatusCode: HttpStatusCode.NotFound, ErrorCode: not "NoSuchBucket" })
        {
            return false;
        }
        catch (Exception e) when (AwsFailures.IsFailure(e, cancellationToken))
        {
            throw _failures.Translate(e, "DeleteObject");
        }
    }

    private async IAsyncEnumerable<string> IdsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = bucket, Prefix = prefix };
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
            foreach (var item in page.S3Objects ?? [])
                if (IdOf(item.Key) is { } id)
                    yield return id;
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
    }

    private string KeyOf(string templateId)
    {
        TemplateId.Check(templateId);
        return prefix + templateId + suffix;
    }

    private string? IdOf(string key) =>
        key.Length > prefix.Length + suffix.Length && key.EndsWith(suffix, StringComparison.Ordinal)
            && key[prefix.Length..^suffix.Length] is var id && TemplateId.IsValid(id)
            ? id
            : null;

    private static DateTimeOffset Time(DateTime? utc) => utc is { } time ? new(time.ToUniversalTime()) : default;
}
