using System.Collections;
using System.Globalization;
using CdfProvisioning.Iot;

namespace CdfProvisioning;

/// <summary>The settings of the original service, which reads them from its environment.</summary>
internal sealed record ProvisioningSettings
{
    private const string PrivateCaPrefix = "PCA_";
    private const string CaPrefix = "CA_";

    /// <summary>Days from now that a certificate made for a device is valid, if the request says nothing (DEVICE_CERTIFICATE_EXPIRY_DAYS).</summary>
    public int DeviceCertificateExpiryDays { get; init; } = 365;

    /// <summary>Whether a thing's certificates are deleted with it (FEATURES_DELETE_CERTIFICATES).</summary>
    public bool DeleteCertificates { get; init; }

    /// <summary>Whether the policies of a thing's certificates are deleted with it (FEATURES_DELETE_POLICIES).</summary>
    public bool DeletePolicies { get; init; }

    /// <summary>What stands before a template's id in its key (AWS_S3_TEMPLATES_PREFIX); null for the backend's own.</summary>
    public string? TemplatePrefix { get; init; }

    /// <summary>What stands behind it (AWS_S3_TEMPLATES_SUFFIX); null for the backend's own, <c>.json</c>.</summary>
    public string? TemplateSuffix { get; init; }

    /// <summary>What stands before the key of a list that AWS registers (AWS_S3_BULKREQUESTS_PREFIX); null for the backend's own.</summary>
    public string? BulkRequestPrefix { get; init; }

    /// <summary>ARNs of ACM PCA's CAs (PCA_&lt;alias&gt;).</summary>
    public IReadOnlyDictionary<string, string> PrivateCaAliases { get; init; } = Aliases();

    /// <summary>ARNs of CA certificates that are registered with AWS IoT (CA_&lt;alias&gt;).</summary>
    public IReadOnlyDictionary<string, string> CaAliases { get; init; } = Aliases();

    /// <summary>What the process's environment says.</summary>
    /// <exception cref="CdfException">InvalidRequest, naming the variable.</exception>
    public static ProvisioningSettings FromEnvironment() => From(Environment.GetEnvironmentVariables());

    /// <inheritdoc cref="FromEnvironment"/>
    public static ProvisioningSettings From(IDictionary environment)
    {
        var settings = new ProvisioningSettings
        {
            TemplatePrefix = environment["AWS_S3_TEMPLATES_PREFIX"] as string,
            TemplateSuffix = environment["AWS_S3_TEMPLATES_SUFFIX"] as string,
            BulkRequestPrefix = environment["AWS_S3_BULKREQUESTS_PREFIX"] as string,
            DeleteCertificates = Switch(environment, "FEATURES_DELETE_CERTIFICATES"),
            DeletePolicies = Switch(environment, "FEATURES_DELETE_POLICIES"),
            PrivateCaAliases = Aliases(environment, PrivateCaPrefix),
            CaAliases = Aliases(environment, CaPrefix),
        };
        return environment["DEVICE_CERTIFICATE_EXPIRY_DAYS"] is string days ? settings with { DeviceCertificateExpiryDays = Days(days) } : settings;
    }

    /// <summary>Aliases are written in any case, as environment variables are on Windows.</summary>
    public static IReadOnlyDictionary<string, string> Aliases(params IEnumerable<KeyValuePair<string, string>> aliases)
    {
        var known = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (alias, arn) in aliases)
            known[alias] = arn;
        return known;
    }

    private static IReadOnlyDictionary<string, string> Aliases(IDictionary environment, string prefix) => Aliases(
        from DictionaryEntry variable in environment
        let name = (string)variable.Key
        where name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && name.Length > prefix.Length
        select KeyValuePair.Create(name[prefix.Length..], (string?)variable.Value ?? ""));

    private static int Days(string value) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days > 0
        ? days
        : throw IotErrorType.InvalidRequest.Error($"The environment variable DEVICE_CERTIFICATE_EXPIRY_DAYS is '{IotNames.Shown(value)}': it has to be a number of days.");

    private static bool Switch(IDictionary environment, string name) => environment[name] switch
    {
        null or "" => false,
        string value when bool.TryParse(value, out var isOn) => isOn,
        var value => throw IotErrorType.InvalidRequest.Error($"The environment variable {name} is '{IotNames.Shown($"{value}")}': it has to be true or false."),
    };
}
