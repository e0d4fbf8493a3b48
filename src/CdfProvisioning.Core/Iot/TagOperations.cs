namespace CdfProvisioning.Iot;

internal sealed record TagResourceRequest(string ResourceArn, IReadOnlyList<Tag> Tags) : IIotRequest<TagResourceResponse>;

internal sealed record TagResourceResponse;

internal sealed record UntagResourceRequest(string ResourceArn, IReadOnlyList<string> TagKeys) : IIotRequest<UntagResourceResponse>;

internal sealed record UntagResourceResponse;

internal sealed record ListTagsForResourceRequest(string ResourceArn, string? NextToken = null) : IIotRequest<ListTagsForResourceResponse>;

internal sealed record ListTagsForResourceResponse(IReadOnlyList<Tag>? Tags, string? NextToken);
