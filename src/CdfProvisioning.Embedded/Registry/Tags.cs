using CdfProvisioning.Iot;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>The tags of the resources that have any (Service Authorization Reference, AWS IoT): types, groups, policies, CA certificates, provisioning templates.</summary>
internal static class Tags
{
    /// <summary>AWS General Reference, tag quotas.</summary>
    private const int MaxTags = 50;

    private const string ReservedPrefix = "aws:";

    public static TagResourceResponse Tag(Scope scope, TagResourceRequest request)
    {
        Set(scope, Existing(scope, request.ResourceArn), request.Tags);
        return new();
    }

    public static UntagResourceResponse Untag(Scope scope, UntagResourceRequest request)
    {
        var resource = Existing(scope, request.ResourceArn);
        foreach (var key in request.TagKeys)
            scope.Session.Execute("DELETE FROM tag WHERE resource = $1 AND key = $2", resource, key);
        return new();
    }

    public static ListTagsForResourceResponse List(Scope scope, ListTagsForResourceRequest request) => new(
        scope.Session.Query(
            "SELECT key, value FROM tag WHERE resource = $1 ORDER BY key", row => new Tag(row.Text(0), row.Text(1)), Existing(scope, request.ResourceArn)),
        NextToken: null);

    /// <summary>Keeps the tags that a resource is created with, or given.</summary>
    /// <param name="scope">The registry.</param>
    /// <param name="resource">What follows the account in its ARN, such as <c>policy/sensors</c>.</param>
    /// <param name="tags">The tags.</param>
    /// <exception cref="CdfException">InvalidRequest, LimitExceeded.</exception>
    public static void Set(Scope scope, string resource, IReadOnlyList<Tag>? tags)
    {
        if (tags is null or { Count: 0 })
            return;
        if (tags.DistinctBy(tag => tag.Key).Count() < tags.Count)
            throw IotErrorType.InvalidRequest.Error("Duplicate tag keys found. Please note that Tag keys are case sensitive.");
        foreach (var tag in tags)
        {
            if (tag.Key.StartsWith(ReservedPrefix, StringComparison.OrdinalIgnoreCase))
                throw IotErrorType.InvalidRequest.Error($"The tag key '{tag.Key}' begins with {ReservedPrefix}, which is reserved for AWS.");
            scope.Session.Execute(
                "INSERT INTO tag (resource, key, value) VALUES ($1, $2, $3) ON CONFLICT DO UPDATE SET value = excluded.value", resource, tag.Key, tag.Value ?? "");
        }

        if (scope.Session.Scalar<long>("SELECT count(*) FROM tag WHERE resource = $1", resource) > MaxTags)
            throw IotErrorType.LimitExceeded.Error($"A resource may have {MaxTags} tags.");
    }

    /// <summary>Takes the tags of a resource away with it.</summary>
    public static void Clear(Scope scope, string resource) => scope.Session.Execute("DELETE FROM tag WHERE resource = $1", resource);

    /// <exception cref="CdfException">NotFound; InvalidRequest: it is no ARN of something that has tags.</exception>
    private static string Existing(Scope scope, string arn)
    {
        var resource = arn.StartsWith($"{scope.Arns.Prefix}:", StringComparison.Ordinal) ? arn[(scope.Arns.Prefix.Length + 1)..] : "";
        var (type, name) = resource.IndexOf('/') is var at and > 0 ? (resource[..at], resource[(at + 1)..]) : ("", "");
        var exists = type switch
        {
            "thingtype" => ThingTypes.Find(scope, name) is not null,
            "thinggroup" => ThingGroups.Find(scope, name) is not null,
            "billinggroup" => BillingGroups.Find(scope, name) is not null,
            "policy" => Policies.FindKey(scope, name) is not null,
            "cacert" => CaCertificates.Exists(scope, name),
            "provisioningtemplate" => ProvisioningTemplates.Find(scope, name) is not null,
            _ => throw IotErrorType.InvalidRequest.Error(
                $"'{IotNames.Shown(arn)}' is not the ARN of a thing type, a thing group, a billing group, a policy, a CA certificate or a provisioning template of this account and region ({scope.Arns.Prefix}:...): others have no tags."),
        };
        return exists ? resource : throw IotErrorType.ResourceNotFound.Error($"The resource '{arn}' does not exist.");
    }
}
