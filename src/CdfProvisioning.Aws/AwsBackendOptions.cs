using CdfProvisioning.Aws.Credentials;
using CdfProvisioning.Certificates;
using CdfProvisioning.Hierarchies;

namespace CdfProvisioning.Aws;

/// <summary>What to connect to in AWS, and as whom.</summary>
/// <param name="JournalFolder">Where this computer keeps what it knows of its lists.</param>
internal sealed record AwsBackendOptions(string JournalFolder)
{
    /// <summary>The region; the profile's, the session's or the SDK's default if not given.</summary>
    public string? Region { get; init; }

    public string? ProfileName { get; init; }

    public AwsKeys? Keys { get; init; }

    /// <summary>The region that the session has stored.</summary>
    public string? SessionRegion { get; init; }

    /// <summary>The credentials that the session has stored, asked for each time they are needed.</summary>
    public Func<AwsKeys>? SessionKeys { get; init; }

    /// <summary>A role to assume.</summary>
    public string? RoleArn { get; init; }

    /// <summary>Where all services are, if not at AWS.</summary>
    public Uri? EndpointUrl { get; init; }

    /// <summary>The bucket of the provisioning templates.</summary>
    public string? TemplateBucket { get; init; }

    /// <summary>The bucket for the input of AWS IoT's thing registration tasks.</summary>
    public string? BulkBucket { get; init; }

    /// <summary>The role as which AWS IoT reads that bucket and registers the things.</summary>
    public string? BulkRoleArn { get; init; }

    /// <summary>A role to assume for ACM PCA, whose CAs may be another account's.</summary>
    public string? AcmPcaRoleArn { get; init; }

    /// <summary>Where keys of CAs can be elsewhere, beside KMS.</summary>
    public IReadOnlyList<IKeyHolder> KeyHolders { get; init; } = [];

    /// <summary>The settings of the original service, among them the prefixes of templates and lists.</summary>
    public ProvisioningSettings Provisioning { get; init; } = new();

    /// <summary>What is asked for the template of a place in a hierarchy, instead of the assignments beside the templates.</summary>
    public ITemplateHierarchy? AssetLibrary { get; init; }

    /// <summary>How often a list may call one operation of AWS IoT; 10 is RegisterThing's quota unless it was raised.</summary>
    public int RequestsPerSecond { get; init; } = 10;

    /// <summary>How often AWS is asked how far one of its tasks is.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(5);
}
