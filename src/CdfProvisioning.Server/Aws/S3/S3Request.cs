using System.Globalization;
using CdfProvisioning.Embedded.Buckets;
using CdfProvisioning.Server.Aws.Signing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace CdfProvisioning.Server.Aws.S3;

/// <summary>An S3 request: what it is about, and its headers and query parameters by name.</summary>
internal sealed class S3Request(HttpContext context, string region, ChunkSigning? chunkSigning)
{
    /// <summary>The query parameters that name a part of a bucket or an object; others are only parameters.</summary>
    private static readonly HashSet<string> SubResources = new(StringComparer.Ordinal)
    {
        "abac", "accelerate", "acl", "analytics", "attributes", "cors", "delete", "encryption", "intelligent-tiering", "inventory", "legal-hold",
        "lifecycle", "location", "logging", "metadataConfiguration", "metadataTable", "metrics", "notification", "object-lock", "ownershipControls",
        "policy", "policyStatus", "publicAccessBlock", "renameObject", "replication", "requestPayment", "restore", "retention", "select", "session",
        "tagging", "torrent", "uploadId", "uploads", "versioning", "versions", "website",
    };

    private readonly S3Address _address = S3Address.Of(context);

    public HttpContext Context => context;

    public string Region => region;

    public ChunkSigning? ChunkSigning => chunkSigning;

    /// <summary>As it was sent.</summary>
    public string Path => S3Address.PathOf(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);

    public string Method => context.Request.Method;

    public bool IsOfService => _address.Bucket is null;

    public bool IsOfObject => _address.Key is not null;

    public string Bucket => _address.Bucket ?? "";

    public string Key => _address.Key ?? "";

    /// <summary>The sub-resource that is asked for; null for the bucket or object itself.</summary>
    public string? SubResource => context.Request.Query.Keys.FirstOrDefault(SubResources.Contains);

    public CancellationToken Cancellation => context.RequestAborted;

    /// <returns>Null if there is none, and if it is empty.</returns>
    public string? Header(string name) => NullIfEmpty(context.Request.Headers[name]);

    /// <returns>Null if there is none; empty if it has no value.</returns>
    public string? Query(string name) => context.Request.Query.TryGetValue(name, out var value) ? value.ToString() : null;

    /// <exception cref="CdfException">InvalidArgument: it is no whole number from 0 on.</exception>
    public int? Number(string name) => NullIfEmpty(Query(name)) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw InvalidArgument(name, "Provided value not an integer or not within integer range");

    public static CdfException InvalidArgument(string name, string what) => S3Errors.InvalidArgument.Error($"{what}: '{name}'.");

    private static string? NullIfEmpty(StringValues value) => value.ToString() is { Length: > 0 } text ? text : null;
}
