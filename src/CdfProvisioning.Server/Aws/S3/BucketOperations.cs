using CdfProvisioning.Embedded.Buckets;
using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>The operations on buckets themselves.</summary>
internal sealed class BucketOperations(BucketStore buckets, string accountId)
{
    /// <summary>The region whose buckets have no location constraint, and where creating a bucket once more is no error.</summary>
    public const string FirstRegion = "us-east-1";

    private const string RegionHeader = "x-amz-bucket-region";

    /// <summary>ListBuckets.</summary>
    public Task ListAsync(S3Request request)
    {
        var prefix = request.Query("prefix") ?? "";
        var after = request.Query("continuation-token") ?? "";
        var max = request.Number("max-buckets") ?? int.MaxValue;
        Bucket[] found =
        [
            .. buckets.List().Where(bucket => bucket.Name.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(bucket.Name, after) > 0),
        ];
        var page = found.Take(max).ToList();
        return S3Xml.WriteAsync(request.Context.Response, "ListAllMyBucketsResult", xml =>
        {
            xml.Owner("Owner", accountId);
            xml.Element("Buckets", () =>
            {
                foreach (var bucket in page)
                    xml.Element("Bucket", () =>
                    {
                        xml.Text("Name", bucket.Name);
                        xml.Text("CreationDate", bucket.CreationDate);
                        xml.Text("BucketRegion", request.Region);
                    });
            });
            if (page.Count < found.Length)
                xml.Text("ContinuationToken", page.LastOrDefault()?.Name);
            xml.Text("Prefix", request.Query("prefix"));
        });
    }

    /// <summary>CreateBucket.</summary>
    public async Task CreateAsync(S3Request request)
    {
        UnsupportedHeaders.Check(request);
        CheckLocation(await ReadLocationAsync(request), request.Region);
        if (!buckets.TryCreate(request.Bucket) && request.Region != FirstRegion)
            throw S3Errors.BucketAlreadyOwnedByYou.Error($"Your previous request to create the named bucket succeeded and you already own it: '{request.Bucket}'.");
        request.Context.Response.Headers.Location = "/" + request.Bucket;
    }

    /// <summary>HeadBucket.</summary>
    public Task HeadAsync(S3Request request)
    {
        buckets.Get(request.Bucket);
        request.Context.Response.Headers[RegionHeader] = request.Region;
        return Task.CompletedTask;
    }

    /// <summary>GetBucketLocation. A bucket is in whatever region the client takes it to be in.</summary>
    public Task GetLocationAsync(S3Request request)
    {
        buckets.Get(request.Bucket);
        return S3Xml.WriteAsync(request.Context.Response, "LocationConstraint", xml => xml.WriteString(request.Region == FirstRegion ? "" : request.Region));
    }

    /// <summary>GetBucketVersioning: it has never been enabled.</summary>
    public Task GetVersioningAsync(S3Request request)
    {
        buckets.Get(request.Bucket);
        return S3Xml.WriteAsync(request.Context.Response, "VersioningConfiguration", _ => { });
    }

    /// <summary>DeleteBucket.</summary>
    public Task DeleteAsync(S3Request request)
    {
        buckets.Delete(request.Bucket);
        request.Context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static async Task<string?> ReadLocationAsync(S3Request request)
    {
        if (request.Context.Request.ContentLength is null or 0)
            return null;
        using var payload = new Payload(request);
        return (await payload.ReadXmlAsync()).Text("LocationConstraint");
    }

    /// <summary>eu-west-1 is also EU, as it was called when it was S3's only region there (S3 API Reference, CreateBucket).</summary>
    private static void CheckLocation(string? constraint, string region)
    {
        if (constraint == "EU")
            constraint = "eu-west-1";
        if (region != FirstRegion && constraint != region)
            throw S3Errors.IllegalLocationConstraint.Error(
                $"The {constraint ?? "unspecified"} location constraint is incompatible for the region specific endpoint this request was sent to: the request is signed for {region}.");
    }
}
