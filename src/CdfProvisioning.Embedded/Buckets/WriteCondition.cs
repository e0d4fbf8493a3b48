namespace CdfProvisioning.Embedded.Buckets;

/// <summary>What has to hold of a key at the moment it is written or deleted.</summary>
/// <param name="IfNoneMatch">There is no object (<c>If-None-Match: *</c>).</param>
/// <param name="IfMatch">There is an object, and this is its ETag, without quotes.</param>
internal sealed record WriteCondition(bool IfNoneMatch = false, string? IfMatch = null)
{
    public static readonly WriteCondition None = new();
}
