using System.Collections;
using System.Management.Automation;
using System.Security;
using CdfProvisioning.Aws;
using CdfProvisioning.Aws.AssetLibrary;
using CdfProvisioning.Aws.Credentials;
using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded;
using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>Opens the embedded registry of a folder, or connects to AWS, for this session.</summary>
/// <remarks>
/// <para>
/// Without this command the registry in the folder that the environment variable CDF_HOME names is used, or else the
/// one in the platform's data folder. A folder that has no registry yet gets one. A connection that is already open is
/// closed, and lists that it is registering are interrupted: Resume-CdfBulkRegistration goes on with them. Servers that
/// run go on with the connection they were started over.
/// </para>
/// <para>
/// Any parameter that is about AWS connects to AWS; -Aws alone does, too. Region and credentials are then found as AWS's own
/// module finds them: what is given here, what Set-AWSCredential and Set-DefaultAWSRegion have stored in the session, and
/// the AWS SDK's chain (environment, default profile, container, instance). Templates are in the bucket TemplateBucket, CA
/// keys in Systems Manager. Lists are registered by AWS itself, through BulkBucket and BulkRoleArn, unless their template
/// has a CDF section.
/// </para>
/// </remarks>
/// <example>
/// <para>Keep a project's devices beside the project</para>
/// <code>Connect-Cdf -Path ./registry -Region eu-central-1</code>
/// </example>
/// <example>
/// <para>Connect to AWS as the profile prod</para>
/// <code>Connect-Cdf -ProfileName prod -Region eu-west-1 -TemplateBucket my-templates -BulkBucket my-bulk -BulkRoleArn arn:aws:iam::123456789012:role/iot-bulk</code>
/// </example>
[Cmdlet(VerbsCommunications.Connect, "Cdf", DefaultParameterSetName = Embedded)]
[OutputType(typeof(ConnectionInfo))]
public sealed class ConnectCdfCommand : AsyncCmdlet
{
    private const string Embedded = "Embedded";
    private const string AtAws = "Aws";

    /// <summary>AWS IoT API Reference, DeleteThingType.</summary>
    private static readonly TimeSpan AwsDeletionDelay = TimeSpan.FromMinutes(5);

    /// <summary>The folder of the registry, its templates and its CA keys; made if missing. The default is CDF_HOME or the platform's data folder.</summary>
    [Parameter(Position = 0, ParameterSetName = Embedded)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The AWS region: of AWS, or that the embedded registry's ARNs name, which is us-east-1 if not given.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(RegionCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Region { get; set; }

    /// <summary>The AWS account, 12 digits, that ARNs name; 123456789012 if not given.</summary>
    [Parameter(ParameterSetName = Embedded)]
    [ValidatePattern("^[0-9]{12}$")]
    public string AccountId { get; set; } = "123456789012";

    /// <summary>Waits for the disk at each commit, so that a power failure loses nothing that was reported as done. Slower.</summary>
    [Parameter(ParameterSetName = Embedded)]
    public SwitchParameter FullSync { get; set; }

    /// <summary>
    /// The keys that are made for devices: RSA2048, P256 or P384. Without, RSA2048 where AWS IoT issues the certificate
    /// (createDeviceAWSCertificate), as AWS makes them, and P256 elsewhere (createDeviceCertificate, acmpca), in a thousandth of
    /// the time. A device's certInfo.keyAlgorithm goes before it. On the embedded backend the certificates that AWS would issue
    /// are signed with such a key, too.
    /// </summary>
    [Parameter]
    [ValidateSet(KeyAlgorithms.Rsa2048, KeyAlgorithms.P256, KeyAlgorithms.P384)]
    public string? KeyAlgorithm { get; set; }

    /// <summary>Refuses what AWS refuses for a while: to delete a thing type within five minutes of its deprecation, and to start a thing registration task while another is in progress.</summary>
    [Parameter(ParameterSetName = Embedded)]
    public SwitchParameter StrictLimits { get; set; }

    /// <summary>Connects to AWS, where no other parameter says so.</summary>
    [Parameter(ParameterSetName = AtAws)]
    public SwitchParameter Aws { get; set; }

    /// <summary>The AWS profile whose credentials, and region, are used.</summary>
    [Parameter(ParameterSetName = AtAws)]
    [ArgumentCompleter(typeof(ProfileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ProfileName { get; set; }

    /// <summary>An access key; SecretKey belongs to it.</summary>
    [Parameter(ParameterSetName = AtAws)]
    [ValidateNotNullOrEmpty]
    public string? AccessKey { get; set; }

    /// <summary>The secret of the access key.</summary>
    [Parameter(ParameterSetName = AtAws)]
    [ValidateNotNullOrEmpty]
    public string? SecretKey { get; set; }

    /// <summary>The session token of an access key that is a temporary one.</summary>
    [Parameter(ParameterSetName = AtAws)]
    [ValidateNotNullOrEmpty]
    public string? SessionToken { get; set; }

    /// <summary>A role to assume with those credentials.</summary>
    [Parameter(ParameterSetName = AtAws)]
    [ValidateNotNullOrEmpty]
    public string? RoleArn { get; set; }

    /// <summary>Where the services are if not at AWS, such as http://127.0.0.1:4566.</summary>
    [Parameter(ParameterSetName = AtAws)]
    [ValidateNotNull]
    public Uri? EndpointUrl { get; set; }

    /// <summary>The S3 bucket of the templates.</summary>
    [Parameter(ParameterSetName = AtAws)]
    [ValidateNotNullOrEmpty]
    public string? TemplateBucket { get; set; }

    /// <summary>The S3 bucket in which AWS IoT finds the lists that it is to register.</summary>
    [Parameter(ParameterSetName = AtAws)]
    [ValidateNotNullOrEmpty]
    public string? BulkBucket { get; set; }

    /// <summary>What stands before the keys of those lists.</summary>
    [Parameter(ParameterSetName = AtAws)]
    [ValidateNotNull]
    public string? BulkPrefix { get; set; }

    /// <summary>The role as which AWS IoT reads that bucket and registers the things.</summary>
    [Parameter(ParameterSetName = AtAws)]
    [ValidateNotNullOrEmpty]
    public string? BulkRoleArn { get; set; }

    /// <summary>A role to assume for ACM PCA, if its CAs are another account's.</summary>
    [Parameter(ParameterSetName = AtAws)]
    [ValidateNotNullOrEmpty]
    public string? AcmPcaRoleArn { get; set; }

    /// <summary>
    /// How often a list that is registered from here may call one operation of AWS IoT; 10 if not given, which is the quota of
    /// RegisterThing unless yours was raised. If AWS throttles sooner the rate falls to what it accepts.
    /// </summary>
    [Parameter(ParameterSetName = AtAws)]
    [ValidateRange(1, 10_000)]
    public int RequestsPerSecond { get; set; } = 10;

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

    /// <summary>What stands before a template's id in the name of its file or object; nothing if not given.</summary>
    [Parameter]
    [ValidateNotNull]
    public string? TemplatePrefix { get; set; }

    /// <summary>What stands behind a template's id in the name of its file or object; .json if not given.</summary>
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

    /// <summary>The PIN of the token that has the keys of CAs (PKCS#11), where their URIs name no pin-source. Without, that of the environment variable CDF_PKCS11_PIN.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? Pin { get; set; }

    /// <summary>Emits the connection, for the parameter -Connection of the other commands. It is emitted in any case.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>At the beginning, where a failure ends the command: what follows is meant for this registry.</summary>
    private protected override async Task BeginAsync(CancellationToken cancellationToken)
    {
        var isAws = ParameterSetName == AtAws;
        var connection = await SessionConnection.Current.OpenAsync(token => (isAws ? OpenAws() : OpenEmbedded())(token), cancellationToken);
        WriteVerbose($"Opened {connection.Info.Backend}, account {connection.Info.AccountId}, region {connection.Info.Region}.");
        var variables = Path is null ? AwsSession.VariablesInEnvironment() : "";
        if (!isAws && (Region is not null || variables.Length > 0))
            WriteWarning($"{(Region is null ? $"{variables} is set, and this" : "This")} is the embedded registry in '{connection.Info.Path}', not AWS{(Region is null ? "" : $": its ARNs name {Region}")}. Connect-Cdf -Aws connects to AWS.");
        WriteObject(connection.Info);
    }

    private Func<CancellationToken, ValueTask<Connection>> OpenEmbedded()
    {
        if (Region is not null)
            AwsRegions.Check(Region);
        var folder = Path is null ? DataFolder.Default : ResolvePath(Path);
        var options = new EmbeddedBackendOptions(folder, AccountId, Region ?? "us-east-1", FullSync, RegistrySettings(), Settings(), AssetLibrary: AssetLibrary(), KeyHolders: KeyHolders.Embedded(Pin));
        return token => EmbeddedBackend.OpenAsync(options, token);
    }

    private static Uri? Url(Uri? given, string parameter) => given is null or { IsAbsoluteUri: true, Scheme: "http" or "https" }
        ? given
        : throw CdfErrorCode.InvalidRequest.Error($"-{parameter} is '{given}', and no URL such as http://127.0.0.1:4566.");

    private KeyAlgorithm? ChosenAlgorithm => KeyAlgorithm is null ? null : KeyAlgorithms.Parse(KeyAlgorithm);

    private RegistrySettings RegistrySettings() => new()
    {
        KeyAlgorithm = ChosenAlgorithm ?? Certificates.KeyAlgorithm.Rsa,
        ThingTypeDeletionDelay = StrictLimits ? AwsDeletionDelay : TimeSpan.Zero,
        RunsOneTaskAtATime = StrictLimits,
    };

    private Func<CancellationToken, ValueTask<Connection>> OpenAws()
    {
        if (AccessKey is null != SecretKey is null)
            throw CdfErrorCode.InvalidRequest.Error("An access key and its secret belong together: give both -AccessKey and -SecretKey.");
        if (BulkBucket is null != BulkRoleArn is null)
            throw CdfErrorCode.InvalidRequest.Error("AWS IoT needs a role to read the bucket of lists: give both -BulkBucket and -BulkRoleArn.");
        if (Region is not null)
            AwsRegions.CheckForm(Region);
        var session = new AwsSession(this);
        var options = new AwsBackendOptions(DataFolder.Default)
        {
            Region = Region,
            ProfileName = ProfileName,
            Keys = AccessKey is null ? null : new AwsKeys(AccessKey, SecretKey!, SessionToken),
            SessionRegion = session.Region,
            SessionKeys = session.Keys,
            RoleArn = RoleArn,
            EndpointUrl = Url(EndpointUrl, nameof(EndpointUrl)),
            TemplateBucket = TemplateBucket,
            BulkBucket = BulkBucket,
            BulkRoleArn = BulkRoleArn,
            AcmPcaRoleArn = AcmPcaRoleArn,
            RequestsPerSecond = RequestsPerSecond,
            Provisioning = Settings(),
            AssetLibrary = AssetLibrary(),
            KeyHolders = [KeyHolders.Tokens(Pin)],
        };
        return token => AwsBackend.OpenAsync(options, token);
    }

    /// <summary>What the parameters say, and where they say nothing, the environment.</summary>
    private ProvisioningSettings Settings()
    {
        var settings = ProvisioningSettings.FromEnvironment();
        var given = MyInvocation.BoundParameters;
        return settings with
        {
            DeviceCertificateExpiryDays = given.ContainsKey(nameof(DeviceCertificateExpiryDays)) ? DeviceCertificateExpiryDays : settings.DeviceCertificateExpiryDays,
            KeyAlgorithm = ChosenAlgorithm,
            DeleteCertificates = given.ContainsKey(nameof(DeleteCertificates)) ? DeleteCertificates : settings.DeleteCertificates,
            DeletePolicies = given.ContainsKey(nameof(DeletePolicies)) ? DeletePolicies : settings.DeletePolicies,
            TemplatePrefix = TemplatePrefix ?? settings.TemplatePrefix,
            TemplateSuffix = TemplateSuffix ?? settings.TemplateSuffix,
            BulkRequestPrefix = BulkPrefix ?? settings.BulkRequestPrefix,
            PrivateCaAliases = ProvisioningSettings.Aliases([.. settings.PrivateCaAliases, .. Pairs(PrivateCaAlias)]),
            CaAliases = ProvisioningSettings.Aliases([.. settings.CaAliases, .. Pairs(CaAlias)]),
        };
    }

    private AssetLibraryClient? AssetLibrary() => Url(AssetLibraryUrl, nameof(AssetLibraryUrl)) is not { } url ? null : new(
        new AssetLibraryOptions(url, new Dictionary<string, string>(Pairs(AssetLibraryHeader)), TimeSpan.FromSeconds(AssetLibraryTimeout)));

    private static IEnumerable<KeyValuePair<string, string>> Pairs(IDictionary? table) =>
        from DictionaryEntry entry in table ?? new Hashtable()
        select KeyValuePair.Create($"{entry.Key}", $"{entry.Value}");
}
