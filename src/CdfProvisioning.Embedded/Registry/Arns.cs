using CdfProvisioning.Iot;

namespace CdfProvisioning.Embedded.Registry;

/// <summary>The ARNs of one account in one region.</summary>
internal sealed class Arns(string accountId, string region)
{
    public string AccountId => accountId;

    public string Region => region;

    /// <summary><c>arn:aws:iot:&lt;region&gt;:&lt;account&gt;</c>.</summary>
    public string Prefix { get; } = Arn.Prefix(region, accountId);

    public string Thing(string name) => $"{Prefix}:thing/{name}";

    public string ThingType(string name) => $"{Prefix}:thingtype/{name}";

    public string ThingGroup(string name) => $"{Prefix}:thinggroup/{name}";

    public string BillingGroup(string name) => $"{Prefix}:billinggroup/{name}";

    public string Policy(string name) => $"{Prefix}:policy/{name}";

    public string Certificate(string id) => $"{Prefix}:cert/{id}";

    public string CaCertificate(string id) => $"{Prefix}:cacert/{id}";

    /// <summary>The ARN under which ACM PCA knows the CA.</summary>
    public string PrivateCa(string id) => $"arn:{Arn.Partition(region)}:acm-pca:{region}:{accountId}:certificate-authority/{id}";

    /// <summary>What follows <c>&lt;type&gt;/</c> in an ARN of this account and region; null in any other.</summary>
    public string? Find(string arn, string type)
    {
        var start = Prefix.Length + type.Length + 2;
        return arn.Length > start && arn.StartsWith($"{Prefix}:{type}/", StringComparison.Ordinal) ? arn[start..] : null;
    }

    /// <summary>The name that a request gives as such, or within an ARN.</summary>
    /// <exception cref="CdfException">InvalidRequest: neither is given, or the ARN is no such resource's.</exception>
    public string NameOf(string? name, string? arn, string type, string what)
    {
        if (name is not null)
            return name;
        return arn is null
            ? throw IotErrorType.InvalidRequest.Error($"The {what} is missing: give its name or its ARN.")
            : Find(arn, type) ?? throw IotErrorType.InvalidRequest.Error($"'{IotNames.Shown(arn)}' is not the ARN of a {what} of this account and region ({Prefix}:{type}/...).");
    }
}
