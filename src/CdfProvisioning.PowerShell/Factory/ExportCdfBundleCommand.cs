using System.Management.Automation;
using System.Net;
using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Factory.Bundles;
using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>What Export-CdfBundle has made.</summary>
/// <param name="Path">The folder.</param>
/// <param name="DeviceCount">The devices whose bundles were made.</param>
/// <param name="SkippedCount">The devices whose bundles were there already.</param>
/// <param name="FailedCount">The devices for which there is no bundle.</param>
public sealed record BundleExport(string Path, long DeviceCount, long SkippedCount, long FailedCount);

/// <summary>Writes what a factory needs of each device: certificate, key and configuration, in folders or in archives that only the factory can open.</summary>
/// <remarks>
/// <para>
/// The devices come from a folder of keys, from things that are piped in, or from the results of a list; the keys of piped devices
/// are looked for in the folder of keys. For each device there is certificate.pem, chain.pem and root.pem where they are known,
/// private-key.pem and config.json, which names the thing and the endpoint; and what Include asks for.
/// </para>
/// <para>
/// Archives are numbered and hold BatchSize devices each. With Recipient each is encrypted for the holder of that certificate
/// (CMS EnvelopedData, AES-256), and opens with openssl cms -decrypt -inform DER -inkey key.pem. The file index.jsonl says which
/// device is where, with the SHA-256 of each file. The same command goes on where one that was stopped or killed ended, and adds
/// devices that are new.
/// </para>
/// </remarks>
/// <example>
/// <para>A folder a device, with a QR code and a list for printing labels</para>
/// <code>Export-CdfBundle ./bundles -KeyDirectory ./keys -Include QrPng, Labels</code>
/// </example>
/// <example>
/// <para>Archives for a factory, encrypted for its certificate</para>
/// <code>Export-CdfBundle ./sealed -KeyDirectory ./keys -Format Zip -Recipient ./factory.cer</code>
/// </example>
/// <example>
/// <para>The devices of a list that were registered</para>
/// <code>Get-CdfBulkRegistrationResult $task | Where-Object Succeeded | Export-CdfBundle ./bundles -KeyDirectory ./keys</code>
/// </example>
[Cmdlet(VerbsData.Export, "CdfBundle", SupportsShouldProcess = true, DefaultParameterSetName = "KeyDirectory")]
[OutputType(typeof(BundleExport))]
public sealed class ExportCdfBundleCommand : CdfCmdlet
{
    private BundleWriter? _writer;
    private X509Certificate2? _recipient;
    private string? _keyFolder;
    private long _failed;

    /// <summary>The folder for the bundles; made, for your eyes only, if there is none.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The folder in which the devices' keys are, as New-CdfThing and Start-CdfBulkRegistration write it.</summary>
    [Parameter(ParameterSetName = "KeyDirectory", Mandatory = true)]
    [Parameter(ParameterSetName = "InputObject")]
    [ValidateNotNullOrEmpty]
    public string? KeyDirectory { get; set; }

    /// <summary>The name of the thing of a device, from piped things, results of lists and devices of manifests.</summary>
    [Parameter(ParameterSetName = "InputObject", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? ThingName { get; set; }

    /// <summary>The device's certificate, PEM. Without, the registry is asked for the thing's newest active one.</summary>
    [Parameter(ParameterSetName = "InputObject", ValueFromPipelineByPropertyName = true)]
    public string? CertificatePem { get; set; }

    /// <summary>The certificates of its issuers, PEM.</summary>
    [Parameter(ParameterSetName = "InputObject", ValueFromPipelineByPropertyName = true)]
    [Alias("Chain")]
    public string? CertificateChain { get; set; }

    /// <summary>A folder a device, or zip archives.</summary>
    [Parameter]
    public BundleFormat Format { get; set; }

    /// <summary>The file of the certificate, PEM or DER, whose holder alone can open the archives.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Recipient { get; set; }

    /// <summary>How many devices an archive holds.</summary>
    [Parameter]
    [ValidateRange(1, 100_000)]
    public int BatchSize { get; set; } = 500;

    /// <summary>What there is beside certificate, key and configuration: Pfx, Nvs, QrPng, QrSvg, Labels.</summary>
    [Parameter]
    public BundleContent[] Include { get; set; } = [];

    /// <summary>The password of PFX files.</summary>
    [Parameter]
    public SecureString? PfxPassword { get; set; }

    /// <summary>The text of QR codes; {ThingName}, {CertificateId} and {CommonName} stand for the device's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string QrText { get; set; } = "{ThingName}";

    /// <summary>The endpoint that devices connect to. Without, the registry's own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Endpoint { get; set; }

    /// <summary>The file of the certificates that devices trust, such as Amazon's root.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? RootCertificate { get; set; }

    private protected override object? Target => ThingName;

    private protected override async Task BeginAsync(CancellationToken cancellationToken)
    {
        var folder = ResolvePath(Path);
        _keyFolder = KeyDirectory is null ? null : ResolvePath(KeyDirectory);
        if (_keyFolder is not null && !Directory.Exists(_keyFolder))
            throw CdfErrorCode.NotFound.Error($"There is no key folder '{_keyFolder}'.");
        if (!ShouldProcess(folder, "Export bundles"))
            return;
        _recipient = Recipient is null ? null : ReadRecipient(ResolvePath(Recipient));
        _writer = await BundleWriter.OpenAsync(
            folder,
            new BundleOptions
            {
                Format = Format,
                Content = Include.Aggregate(BundleContent.None, (all, each) => all | each),
                BatchSize = BatchSize,
                Recipient = _recipient,
                Endpoint = Endpoint ?? await EndpointAsync(cancellationToken),
                RootPem = RootCertificate is null ? "" : await ReadFileAsync(RootCertificate, cancellationToken),
                PfxPassword = PfxPassword is null ? null : new NetworkCredential("", PfxPassword).Password,
                QrText = QrText,
            },
            cancellationToken);
    }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (_writer is null)
            return;
        if (ThingName is not null)
        {
            await AddAsync(ThingName, async () => await DeviceAsync(ThingName, cancellationToken), cancellationToken);
            return;
        }
        await foreach (var (place, device, problem) in KeySource.ReadFolderAsync(_keyFolder!, cancellationToken))
            await AddAsync(place, () => problem is null ? Task.FromResult(device!) : throw problem, cancellationToken);
    }

    private protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_writer is null)
            return;
        await _writer.FinishAsync(cancellationToken);
        WriteObject(new BundleExport(ResolvePath(Path), _writer.Written, _writer.Skipped, _failed));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_writer is not null)
            PipelinePump.Run(() => _writer.DisposeAsync().AsTask(), cancel: () => { });
        _recipient?.Dispose();
        base.Dispose(disposing);
    }

    private async Task AddAsync(string target, Func<Task<BundleDevice>> device, CancellationToken cancellationToken)
    {
        try
        {
            await _writer!.AddAsync(await device(), cancellationToken);
        }
        catch (CdfException exception) when (exception.Code != CdfErrorCode.Unavailable)
        {
            _failed++;
            WriteError(exception.ToErrorRecord(target));
        }
    }

    private async Task<BundleDevice> DeviceAsync(string thingName, CancellationToken cancellationToken)
    {
        var kept = _keyFolder is null ? null : await KeySource.FindAsync(_keyFolder, thingName, cancellationToken);
        if (kept is not null)
            return kept;
        var certificate = CertificatePem ?? await RegisteredCertificateAsync(thingName, cancellationToken);
        return new BundleDevice(thingName, certificate, CertificateChain ?? "", PrivateKeyPem: null);
    }

    private async Task<string> RegisteredCertificateAsync(string thingName, CancellationToken cancellationToken)
    {
        var thing = await (await ConnectionAsync(cancellationToken)).Things.GetAsync(thingName, cancellationToken);
        return thing.Certificates.LastOrDefault(c => c.CertificateStatus == CertificateStatus.Active)?.CertificatePem
            ?? throw CdfErrorCode.NotFound.Error($"Thing '{thingName}' has no ACTIVE certificate.");
    }

    private async Task<string?> EndpointAsync(CancellationToken cancellationToken) =>
        (await (await ConnectionAsync(cancellationToken)).Registry.InvokeAsync(new DescribeEndpointRequest("iot:Data-ATS"), cancellationToken)).EndpointAddress;

    private static X509Certificate2 ReadRecipient(string path)
    {
        try
        {
            return X509CertificateLoader.LoadCertificateFromFile(path);
        }
        catch (CryptographicException e)
        {
            throw CdfErrorCode.InvalidRequest.Error($"The recipient '{path}' is not a certificate in PEM or DER form, or there is no such file.", e);
        }
    }
}
