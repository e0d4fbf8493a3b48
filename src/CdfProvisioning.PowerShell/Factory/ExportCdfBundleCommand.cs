using System.Management.Automation;
using System.Net;
using System.Security;
using CdfProvisioning.Certificates;
using CdfProvisioning.Factory.Bundles;
using CdfProvisioning.Files;
using CdfProvisioning.Iot;
using CdfProvisioning.Keys;

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
/// The devices come from a folder of keys or a key file, from a task, which knows where its keys are, or are piped in: things, results of
/// lists, devices of manifests; the keys of these are looked for in the folder or file. For each device there is certificate.pem, chain.pem (the registered CA, if no chain comes
/// along) and root.pem where they are known, private-key.pem and config.json, which names the thing and the endpoint; and what Include
/// asks for.
/// </para>
/// <para>
/// Archives are numbered and hold BatchSize devices each. With Recipient each is encrypted for the holder of that certificate
/// (CMS EnvelopedData, AES-256; RSA or EC keys), and opens with openssl cms -decrypt -inform DER -inkey key.pem -recip factory.cer. The file index.jsonl says which
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
/// <code>Get-CdfBulkRegistration $task.TaskId | Export-CdfBundle ./bundles</code>
/// </example>
/// <example>
/// <para>The devices of a key file that was encrypted for its recipient</para>
/// <code>Export-CdfBundle ./bundles -KeyFile ./keys.jsonl -Certificate ./factory.pem -PrivateKey ./factory.key</code>
/// </example>
[Cmdlet(VerbsData.Export, "CdfBundle", SupportsShouldProcess = true, DefaultParameterSetName = "KeyDirectory")]
[OutputType(typeof(BundleExport))]
public sealed class ExportCdfBundleCommand : KeyFileCmdlet
{
    private const int DevicesAProgress = 100;

    /// <summary>What is piped in while the keys are in a file, by the certificate's id or else by name: the file is read once, in the end.</summary>
    private readonly SpilledRecords<WantedDevice> _wanted = new();

    private BundleWriter? _writer;
    private RegisteredIssuers? _issuers;
    private Keys.KeyDirectory? _keyFolder;
    private long _added;
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

    /// <summary>The key file, as Start-CdfBulkRegistration and New-CdfCertificate write it.</summary>
    [Parameter(ParameterSetName = "KeyFile", Mandatory = true)]
    [Parameter(ParameterSetName = "InputObject")]
    [ValidateNotNullOrEmpty]
    public string? KeyFile { get; set; }

    /// <summary>A task from Get-CdfBulkRegistration: the devices that it has registered, or made certificates for.</summary>
    [Parameter(ParameterSetName = "Task", Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public BulkRegistrationTask? Task { get; set; }

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

    /// <summary>The file of the certificate (PEM or DER, RSA or EC), whose holder alone can open the archives.</summary>
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
        if (KeyDirectory is not null && KeyFile is not null)
            throw CdfErrorCode.InvalidRequest.Error("Keys are either in a folder (-KeyDirectory) or in one file (-KeyFile): name one of them.");
        if (KeyDirectory is not null)
            _keyFolder = Keys.KeyDirectory.At(ResolvePath(KeyDirectory), "");
        if (_keyFolder is not null && !Directory.Exists(_keyFolder.Path))
            throw CdfErrorCode.NotFound.Error($"There is no key folder '{_keyFolder.Path}'.");
        if (KeyFile is not null && !File.Exists(ResolvePath(KeyFile)))
            throw CdfErrorCode.NotFound.Error($"There is no key file '{ResolvePath(KeyFile)}'.");
        if (!ShouldProcess(folder, "Export bundles"))
            return;
        _issuers = new RegisteredIssuers(async () => (await ConnectionAsync(cancellationToken)).Registry);
        _writer = await BundleWriter.OpenAsync(
            folder,
            new BundleOptions
            {
                Format = Format,
                Content = Include.Aggregate(BundleContent.None, (all, each) => all | each),
                BatchSize = BatchSize,
                Recipient = ReadKeyRecipient(Recipient) is { } recipient ? KeyRecipient.Of(recipient) : null,
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
        if (Task is not null)
        {
            await AddTaskAsync(Task, cancellationToken);
        }
        else if (ThingName is null)
        {
            foreach (var name in _keyFolder?.Names() ?? [])
                await AddAsync(name, () => new(KeySource.Find(_keyFolder!, name)!), cancellationToken);
        }
        else if (KeyFile is null)
        {
            await AddAsync(ThingName, () => DeviceAsync(ThingName, CertificatePem, CertificateChain, cancellationToken), cancellationToken);
        }
        else
        {
            await ForEachAsync([ThingName], name =>
            {
                var key = CertificatePem is null ? name : ParsedCertificate.FromPem(CertificatePem, $"The certificate of '{name}'").Id;
                _wanted.Set(NameKey.Of(key), new(name, CertificateChain));
                return System.Threading.Tasks.Task.CompletedTask;
            });
        }
    }

    private protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_writer is null)
            return;
        if (KeyFile is not null)
            await AddFileAsync(ResolvePath(KeyFile), cancellationToken);
        await _writer.FinishAsync(cancellationToken);
        WriteObject(new BundleExport(ResolvePath(Path), _writer.Written, _writer.Skipped, _failed));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _wanted.Dispose();
        if (_writer is not null)
            PipelinePump.Run(() => _writer.DisposeAsync().AsTask(), cancel: () => { });
        base.Dispose(disposing);
    }

    private async Task AddAsync(string target, Func<ValueTask<BundleDevice>> device, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            var made = await device();
            if (made.ChainPem.Length == 0)
                made = made with { ChainPem = await _issuers!.ChainOfAsync(made.Certificate, cancellationToken) };
            await _writer!.AddAsync(made, cancellationToken);
            if (++_added % DevicesAProgress == 0)
                WriteProgress(new ProgressRecord(0, "Exporting bundles", $"{_added:N0} devices"));
        }
        catch (CdfException exception)
        {
            var error = exception.ToErrorRecord(target);
            if (exception.Code == CdfErrorCode.Unavailable)
                ThrowTerminatingError(error); // what no other device would have either: a folder, a registry
            _failed++;
            WriteError(error);
        }
    }

    /// <summary>All devices of the key file, or those that were piped in; of these, those that it does not have follow without a key.</summary>
    private async Task AddFileAsync(string path, CancellationToken cancellationToken)
    {
        foreach (var line in Read(path))
        {
            if (ParameterSetName != "InputObject")
                await AddAsync($"{line.Thing ?? line.CertificateId}", () => new(KeySource.Of(line)), cancellationToken);
            else if ((_wanted.Remove(NameKey.Of(line.CertificateId)) ?? (line.Thing is null ? null : _wanted.Remove(NameKey.Of(line.Thing)))) is { } piped)
                await AddAsync(piped.ThingName, () => new(KeySource.Of(line, piped.ThingName, piped.Chain)), cancellationToken);
        }
        foreach (var (thingName, chain) in _wanted.Values())
            await AddAsync(thingName, () => DeviceAsync(thingName, certificatePem: null, chain, cancellationToken), cancellationToken);
    }

    /// <summary>The keys of the task are among those of its key file, if it has one; what they are not, follows without.</summary>
    private async Task AddTaskAsync(BulkRegistrationTask task, CancellationToken cancellationToken)
    {
        var results = (await ConnectionAsync(cancellationToken)).BulkRegistrations.ResultsAsync(task.TaskId, failedOnly: false, cancellationToken)
            .Where(result => result is { Succeeded: true, CertificateId: not null });
        using var keyless = task.KeyFile is null ? null : new SpilledTable();
        if (keyless is not null)
        {
            await foreach (var result in results)
                keyless.Set(NameKey.Of(result.CertificateId!), UInt128.Zero);
            foreach (var line in Read(task.KeyFile!))
                if (keyless.Remove(NameKey.Of(line.CertificateId)))
                    await AddAsync(line.Thing ?? line.CertificateId, () => new(KeySource.Of(line)), cancellationToken);
        }

        _keyFolder = task.KeyDirectory is null ? null : Keys.KeyDirectory.At(task.KeyDirectory, "");
        if (keyless is null or { Count: > 0 })
        {
            await foreach (var result in results)
                if (result.ThingName is { } name && keyless?.Contains(NameKey.Of(result.CertificateId!)) is not false)
                    await AddAsync(name, () => DeviceAsync(name, result.CertificatePem, chain: null, cancellationToken), cancellationToken);
        }
    }

    private async ValueTask<BundleDevice> DeviceAsync(string thingName, string? certificatePem, string? chain, CancellationToken cancellationToken)
    {
        if (_keyFolder is not null && KeySource.Find(_keyFolder, thingName) is { } kept)
            return kept;
        certificatePem ??= await RegisteredCertificateAsync(thingName, cancellationToken);
        return new BundleDevice(thingName, ParsedCertificate.FromPem(certificatePem, $"The certificate of '{thingName}'"), chain ?? "", PrivateKeyPem: null);
    }

    private sealed record WantedDevice(string ThingName, string? Chain);

    private async Task<string> RegisteredCertificateAsync(string thingName, CancellationToken cancellationToken)
    {
        var thing = await (await ConnectionAsync(cancellationToken)).Things.GetAsync(thingName, cancellationToken);
        return thing.Certificates.LastOrDefault(c => c.CertificateStatus == CertificateStatus.Active)?.CertificatePem
            ?? throw CdfErrorCode.NotFound.Error($"Thing '{thingName}' has no ACTIVE certificate.");
    }

    private async Task<string?> EndpointAsync(CancellationToken cancellationToken) =>
        (await (await ConnectionAsync(cancellationToken)).Registry.InvokeAsync(new DescribeEndpointRequest("iot:Data-ATS"), cancellationToken)).EndpointAddress;
}
