using System.Collections;
using System.Globalization;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;

namespace CdfProvisioning;

/// <summary>The settings of the original service, which reads them from its environment.</summary>
internal sealed record ProvisioningSettings
{
    private const int DefaultExpiryDays = 365;
    private const string PrivateCaPrefix = "PCA_";
    private const string CaPrefix = "CA_";

    /// <summary>Days from now that a certificate made for a device is valid, if the request says nothing (DEVICE_CERTIFICATE_EXPIRY_DAYS).</summary>
    public int DeviceCertificateExpiryDays { get; init; } = DefaultExpiryDays;

    /// <summary>
    /// The keys that are made for devices (Connect-Cdf -KeyAlgorithm). If nothing is said, RSA-2048 where AWS IoT issues the
    /// certificate, as AWS makes them, and P-256 elsewhere, in a thousandth of the time; the original service makes RSA-2048.
    /// </summary>
    public KeyAlgorithm? KeyAlgorithm { get; init; }

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
    public static ProvisioningSettings FromEnvironment() => From(
        from DictionaryEntry variable in Environment.GetEnvironmentVariables()
        select KeyValuePair.Create((string)variable.Key, (string?)variable.Value ?? ""));

    /// <inheritdoc cref="FromEnvironment"/>
    public static ProvisioningSettings From(params IEnumerable<KeyValuePair<string, string>> variables)
    {
        var environment = Aliases(variables);
        return new ProvisioningSettings
        {
            DeviceCertificateExpiryDays = Days(environment, "DEVICE_CERTIFICATE_EXPIRY_DAYS"),
            DeleteCertificates = Switch(environment, "FEATURES_DELETE_CERTIFICATES"),
            DeletePolicies = Switch(environment, "FEATURES_DELETE_POLICIES"),
            TemplatePrefix = environment.GetValueOrDefault("AWS_S3_TEMPLATES_PREFIX"),
            TemplateSuffix = environment.GetValueOrDefault("AWS_S3_TEMPLATES_SUFFIX"),
            BulkRequestPrefix = environment.GetValueOrDefault("AWS_S3_BULKREQUESTS_PREFIX"),
            PrivateCaAliases = Aliases(environment, PrivateCaPrefix),
            CaAliases = Aliases(environment, CaPrefix),
        };
    }

    /// <summary>Aliases are written in any case, as environment variables are on Windows.</summary>
    public static IReadOnlyDictionary<string, string> Aliases(params IEnumerable<KeyValuePair<string, string>> aliases)
    {
        var known = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (alias, arn) in aliases)
            known[alias] = arn;
        return known;
    }

    private static IReadOnlyDictionary<string, string> Aliases(IReadOnlyDictionary<string, string> environment, string prefix) => Aliases(
        from variable in environment
        where variable.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && variable.Key.Length > prefix.Length
        select KeyValuePair.Create(variable.Key[prefix.Length..], variable.Value));

    private static int Days(IReadOnlyDictionary<string, string> environment, string name) => environment.GetValueOrDefault(name) switch
    {
        null or "" => DefaultExpiryDays,
        var value when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days > 0 => days,
        var value => throw CdfErrorCode.InvalidRequest.Error($"The environment variable {name} is '{IotNames.Shown(value)}': it has to be a number of days."),
    };

    private static bool Switch(IReadOnlyDictionary<string, string> environment, string name) => environment.GetValueOrDefault(name) switch
    {
        null or "" => false,
        var value when bool.TryParse(value, out var isOn) => isOn,
        var value => throw CdfErrorCode.InvalidRequest.Error($"The environment variable {name} is '{IotNames.Shown(value)}': it has to be true or false."),
    };
}
