using System.Security.Cryptography;
using CdfProvisioning.Embedded.Buckets;
using CdfProvisioning.Server.Aws.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>S3's REST API over folders, as far as templates, task input and reports need it.</summary>
/// <param name="buckets">The buckets, which are in every region.</param>
/// <param name="accountId">The account that owns them.</param>
/// <param name="secretOf">The secret of an access key, null if there is no such key; itself null if signatures are not verified.</param>
internal sealed class S3Service(BucketStore buckets, string accountId, Func<string, string?>? secretOf)
{
    private readonly SignatureV2 _signatureV2 = new(secretOf);
    private readonly BucketOperations _buckets = new(buckets, accountId);
    private readonly ListOperations _lists = new(buckets, accountId);
    private readonly ObjectOperations _objects = new(buckets);
    private readonly CopyOperations _copies = new(buckets);
    private readonly UploadOperations _uploads = new(buckets);
    private readonly UploadListOperations _uploadLists = new(buckets, accountId);

    /// <summary>Answers a request. A signature of version 4 has been verified, if signatures are, but for those of the body's chunks.</summary>
    /// <param name="context">The request.</param>
    /// <param name="region">The region of its credential scope; null if it has no signature of version 4.</param>
    /// <param name="chunkSigning">With what to verify the signatures of a chunked body; null if signatures are not verified.</param>
    public async Task HandleAsync(HttpContext context, string? region, ChunkSigning? chunkSigning)
    {
        var requestId = Convert.ToHexString(RandomNumberGenerator.GetBytes(8));
        context.Response.Headers["x-amz-request-id"] = requestId;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        try
        {
            var request = new S3Request(context, region ?? RegionOfOther(context), chunkSigning);
            CheckOwner(request);
            CheckVersion(request);
            await (HandlerOf(request) ?? throw NotServed(request))(request);
        }
        catch (CdfException e) when (!context.Response.HasStarted)
        {
            await WriteErrorAsync(context, e, requestId);
        }
    }

    /// <summary>Answers with S3's document for an error.</summary>
    public static async Task WriteErrorAsync(HttpContext context, CdfException error, string requestId)
    {
        var type = error.Code == CdfErrorCode.Unavailable ? S3Errors.InternalError : error.ErrorType;
        var response = context.Response;
        response.StatusCode = type.HttpStatus;
        if (HttpMethods.IsHead(context.Request.Method))
            return;
        await S3Xml.WriteAsync(
            response,
            "Error",
            xml =>
            {
                xml.Text("Code", type.Name);
                xml.Text("Message", PublicText.Of(error.Message));
                xml.Text("Resource", S3Address.PathOf(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget));
                xml.Text("RequestId", requestId);
            },
            ns: null);
    }

    /// <summary>Signatures of version 2 name no region.</summary>
    /// <exception cref="CdfException">The request is not signed, or not rightly.</exception>
    private string RegionOfOther(HttpContext context)
    {
        if (context.Request.Headers.Authorization.Count > 0)
            throw S3Errors.InvalidRequest.Error("The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.");
        if (!SignatureV2.IsPresigned(context.Request))
            throw S3Errors.AccessDenied.Error("Access Denied: the request is not signed.");
        _signatureV2.Check(context);
        return BucketOperations.FirstRegion;
    }

    private Func<S3Request, Task>? HandlerOf(S3Request request) =>
        request.IsOfService ? HandlerOfService(request)
        : request.IsOfObject ? HandlerOfObject(request)
        : HandlerOfBucket(request);

    private Func<S3Request, Task>? HandlerOfService(S3Request request) => request.Method == "GET" ? _buckets.ListAsync : null;

    private Func<S3Request, Task>? HandlerOfBucket(S3Request request) => (request.Method, request.SubResource) switch
    {
        ("GET", null) => _lists.ListAsync,
        ("HEAD", null) => _buckets.HeadAsync,
        ("PUT", null) => _buckets.CreateAsync,
        ("DELETE", null) => _buckets.DeleteAsync,
        ("GET", "location") => _buckets.GetLocationAsync,
        ("GET", "versioning") => _buckets.GetVersioningAsync,
        ("GET", "uploads") => _uploadLists.ListAsync,
        ("POST", "delete") => _objects.DeleteManyAsync,
        _ => null,
    };

    private Func<S3Request, Task>? HandlerOfObject(S3Request request)
    {
        var isCopy = request.Header(CopyOperations.SourceHeader) is not null;
        return (request.Method, request.SubResource) switch
        {
            ("GET", null) => _objects.GetAsync,
            ("HEAD", null) => _objects.HeadAsync,
            ("PUT", null) => isCopy ? _copies.CopyAsync : _objects.PutAsync,
            ("DELETE", null) => _objects.DeleteAsync,
            ("GET", "tagging") => _objects.GetTaggingAsync,
            ("POST", "uploads") => _uploads.CreateAsync,
            ("PUT", "uploadId") => isCopy ? _uploads.CopyPartAsync : _uploads.PutPartAsync,
            ("POST", "uploadId") => _uploads.CompleteAsync,
            ("DELETE", "uploadId") => _uploads.AbortAsync,
            ("GET", "uploadId") => _uploadLists.ListPartsAsync,
            _ => null,
        };
    }

    private static CdfException NotServed(S3Request request) => request.SubResource is { } subResource
        ? S3Errors.NotImplemented.Error($"A header you provided implies functionality that is not implemented: {request.Method} of '?{subResource}' is not served here.")
        : S3Errors.MethodNotAllowed.Error($"The specified method is not allowed against this resource: {request.Method}.");

    private void CheckOwner(S3Request request)
    {
        foreach (var header in new[] { "x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner" })
            if (request.Header(header) is { } owner && owner != accountId)
                throw S3Errors.AccessDenied.Error($"Access Denied: the buckets are those of account {accountId}, not of '{CdfProvisioning.Iot.IotNames.Shown(owner)}' ({header}).");
    }

    /// <summary>Buckets have no versions here, so objects have S3's null version.</summary>
    private static void CheckVersion(S3Request request)
    {
        if (request.Query("versionId") is { } version and not "null")
            throw S3Request.InvalidArgument("versionId", $"Invalid version id specified, as the bucket has no versions: '{CdfProvisioning.Iot.IotNames.Shown(version)}'");
    }
}
