using System.Collections;
using System.Management.Automation;
using CdfProvisioning.Aws.AssetLibrary;
using CdfProvisioning.Local;
using CdfProvisioning.Local.Registry;

namespace CdfProvisioning.PowerShell;

/// <summary>Opens the embedded registry of a folder, for this session.</summary>
/// <remarks>
/// <para>
/// Without this command the registry in the folder that the environment variable CDF_HOME names is used, or else the
/// one in the platform's data folder. A folder that has no registry yet gets one. A connection that is already open is
/// closed, and lists that it is registering are interrupted: Resume-CdfBulkRegistration goes on with them. Servers that
/// run go on with the connection they were started over.
/// </para>
/// </remarks>
/// <example>
/// <para>Keep a project's devices beside the project</para>
/// <code>Connect-Cdf -Path ./registry -Region eu-central-1</code>
/// </example>
[Cmdlet(VerbsCommunications.Connect, "Cdf")]
[OutputType(typeof(ConnectionInfo))]
public sealed class ConnectCdfCommand : CdfCmdlet
{
    private const string Rsa2048 = "RSA2048";
    private const string P256 = "P256";

    /// <summary>AWS IoT API Reference, DeleteThingType.</summary>
    private static readonly TimeSpan AwsDeletionDelay = TimeSpan.FromMinutes(5);

    /// <summary>The folder of the registry, its templates and its CA keys; made if missing. The default is CDF_HOME or the platform's data folder.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The AWS region that ARNs name; us-east-1 if not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Region { get; set; } = "us-east-1";

    /// <summary>The AWS account, 12 digits, that ARNs name; 123456789012 if not given.</summary>
    [Parameter]
    [ValidatePattern("^[0-9]{12}$")]
    public string AccountId { get; set; } = "123456789012";

    /// <summary>Waits for the disk at each commit, so that a power failure loses nothing that was reported as done. Slower.</summary>
    [Parameter]
    public SwitchParameter FullSync { get; set; }

    /// <summary>The keys that AWS IoT's CreateKeysAndCertificate makes here: RSA2048 as on AWS, or P256, in a thousandth of the time.</summary>
    [Parameter]
    [ValidateSet(Rsa2048, P256)]
    public string KeyAlgorithm { get; set; } = Rsa2048;

    /// <summary>Refuses what AWS refuses for a while: to delete a thing type within five minutes of its deprecation, and to start a thing registration task while another is in progress.</summary>
    [Parameter]
    public SwitchParameter StrictLimits { get; set; }

    /// <summary>For how many days a certificate made for a device is valid, if the request says nothing; 365 if not given.</summary>
    [Parameter]
    [ValidateRange(1, 36500)]
    public int DeviceCertificateExpiryDays { get; set; }

    /// <summary>Deletes a thing's certificates with it, unless another thing uses them; as Remove-CdfThing -IncludeCertificates does once.</summary>
    [Parameter]
    public SwitchParameter DeleteCertificates { get; set; }

    /// <summary>Deletes the policies of a thing's certificates with it, unless they are used elsewhere; as Remove-CdfThing -IncludePolicies does once.</summary>
    [Parameter]
    public SwitchParameter DeletePolicies { get; set; }

    /// <summary>Names for the CAs of ACM PCA that templates with acmpca use: a hashtable from alias to ARN. Those of the environment variables PCA_... are known too.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? PrivateCaAlias { get; set; }

    /// <summary>Names for CA certificates that are registered with AWS IoT: a hashtable from alias to ARN. Those of the environment variables CA_... are known too.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? CaAlias { get; set; }

    /// <summary>What stands before a template's id in the name of its file; nothing if not given.</summary>
    [Parameter]
    [ValidateNotNull]
    public string? TemplatePrefix { get; set; }

    /// <summary>What stands behind a template's id in the name of its file; .json if not given.</summary>
    [Parameter]
    [ValidateNotNull]
    public string? TemplateSuffix { get; set; }

    /// <summary>The base URL of a CDF Asset Library, which then says which template applies where, instead of Set-CdfTemplateAssignment.</summary>
    [Parameter]
    [ValidateNotNull]
    public Uri? AssetLibraryUrl { get; set; }

    /// <summary>Headers to send to the Asset Library, such as Authorization: a hashtable.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? AssetLibraryHeader { get; set; }

    /// <summary>For how many seconds the Asset Library may take to answer; 30 if not given.</summary>
    [Parameter]
    [ValidateRange(1, 3600)]
    public int AssetLibraryTimeout { get; set; } = 30;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var folder = Path is null ? DataFolder.Default : ResolvePath(Path);
        var connection = await SessionConnection.Current.OpenAsync(
            new LocalBackendOptions(folder, AccountId, Region, FullSync, RegistrySettings(), Settings(), AssetLibrary: AssetLibrary()), cancellationToken);
        WriteVerbose($"Opened the embedded registry of '{connection.Info.Path}'.");
        WriteObject(connection.Info);
    }

    private RegistrySettings RegistrySettings() => new()
    {
        CreatesP256Keys = KeyAlgorithm == P256,
        ThingTypeDeletionDelay = StrictLimits ? AwsDeletionDelay : TimeSpan.Zero,
        RunsOneTaskAtATime = StrictLimits,
    };

    /// <summary>What the parameters say, and where they say nothing, the environment.</summary>
    private ProvisioningSettings Settings()
    {
        var settings = ProvisioningSettings.FromEnvironment();
        var given = MyInvocation.BoundParameters;
        return settings with
        {
            DeviceCertificateExpiryDays = given.ContainsKey(nameof(DeviceCertificateExpiryDays)) ? DeviceCertificateExpiryDays : settings.DeviceCertificateExpiryDays,
            DeleteCertificates = given.ContainsKey(nameof(DeleteCertificates)) ? DeleteCertificates : settings.DeleteCertificates,
            DeletePolicies = given.ContainsKey(nameof(DeletePolicies)) ? DeletePolicies : settings.DeletePolicies,
            TemplatePrefix = TemplatePrefix ?? settings.TemplatePrefix,
            TemplateSuffix = TemplateSuffix ?? settings.TemplateSuffix,
            PrivateCaAliases = ProvisioningSettings.Aliases([.. settings.PrivateCaAliases, .. Pairs(PrivateCaAlias)]),
            CaAliases = ProvisioningSettings.Aliases([.. settings.CaAliases, .. Pairs(CaAlias)]),
        };
    }

    private AssetLibraryClient? AssetLibrary() => AssetLibraryUrl is null ? null : new(
        new AssetLibraryOptions(AssetLibraryUrl, new Dictionary<string, string>(Pairs(AssetLibraryHeader)), TimeSpan.FromSeconds(AssetLibraryTimeout)));

    private static IEnumerable<KeyValuePair<string, string>> Pairs(IDictionary? table) =>
        from DictionaryEntry entry in table ?? new Hashtable()
        select KeyValuePair.Create($"{entry.Key}", $"{entry.Value}");
}
