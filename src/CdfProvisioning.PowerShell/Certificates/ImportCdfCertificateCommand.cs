using System.Management.Automation;
using CdfProvisioning.Certificates;
using CdfProvisioning.Factory.Manifests;
using CdfProvisioning.Fleet;
using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>Registers certificates that somebody else has made, and attaches them to a thing and to policies.</summary>
/// <remarks>
/// <para>
/// The certificate's CA has to be registered, unless WithoutCA is given. What cannot be attached is not registered either.
/// </para>
/// <para>
/// With KeyDirectory the certificates are those that a CA has signed for the requests of Export-CdfSigningRequest: each is matched
/// to its thing by its public key, registered, and put to its key in the folder. Files may hold many, PEM or DER, and those of the CA.
/// With TemplateId the thing, its policies and groups are made from a template that takes the device's own certificate; its other
/// parameters come from the list that ListPath names. Without, the thing has to be there. The command may be repeated: what is
/// registered already stays as it is.
/// </para>
/// </remarks>
/// <example>
/// <para>Register a maker's certificate for a thing that exists</para>
/// <code>Import-CdfCertificate ./sensor-1.pem -WithoutCA -ThingName sensor-1 -PolicyName sensors</code>
/// </example>
/// <example>
/// <para>Register what a CA has signed for the requests of Export-CdfSigningRequest, with things from a template</para>
/// <code>Import-CdfCertificate ./signed/*.pem -KeyDirectory ./keys -TemplateId without-ca -ListPath ./devices.csv</code>
/// </example>
[Cmdlet(VerbsData.Import, "CdfCertificate", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(DeviceCertificate))]
public sealed class ImportCdfCertificateCommand : CdfCmdlet
{
    private const long LongestFile = 256 * 1024 * 1024;

    private Keys.KeyDirectory? _folder;
    private WaitingKeys? _keys;
    private SignedDevices? _devices;
    private long _imported;

    /// <summary>The files of the certificates, PEM. Wildcards are allowed.</summary>
    [Parameter(ParameterSetName = "Path", Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>The files of the certificates by their exact paths.</summary>
    [Parameter(ParameterSetName = "LiteralPath", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>The certificate itself, PEM.</summary>
    [Parameter(ParameterSetName = "Pem", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? CertificatePem { get; set; }

    /// <summary>The registered CA that signed it, PEM, where more than one has its name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CACertificatePem { get; set; }

    /// <summary>Registers certificates whose CA is not registered. A template says that by itself.</summary>
    [Parameter]
    public SwitchParameter WithoutCA { get; set; }

    /// <summary>ACTIVE or INACTIVE. A template says that by itself, unless it has registerDeviceCertificateWithoutCA.</summary>
    [Parameter]
    [ValidateSet(CertificateStatus.Active, CertificateStatus.Inactive)]
    public string Status { get; set; } = CertificateStatus.Active;

    /// <summary>The thing that the certificate is for; with KeyDirectory it is found by the key.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ThingNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ThingName { get; set; }

    /// <summary>The policies for the certificate.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(PolicyNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] PolicyName { get; set; } = [];

    /// <summary>The folder of the keys for which Export-CdfSigningRequest has written signing requests.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyDirectory { get; set; }

    /// <summary>The id of the provisioning template from which things are registered with the certificates: one that takes a CertificatePem, or has registerDeviceCertificateWithoutCA.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TemplateIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string? TemplateId { get; set; }

    /// <summary>The list that has the devices' other parameters for the template: .csv, .tsv, .json or .jsonl.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ListPath { get; set; }

    private protected override async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (TemplateId is null && ListPath is not null)
            throw CdfErrorCode.InvalidRequest.Error("-ListPath has the parameters of a template: give -TemplateId too.");
        if (TemplateId is not null && PolicyName.Length > 0)
            throw CdfErrorCode.InvalidRequest.Error("A template says which policies a certificate has: give -TemplateId or -PolicyName.");
        var connection = await ConnectionAsync(cancellationToken);
        if (KeyDirectory is not null)
        {
            var path = ResolvePath(KeyDirectory);
            if (!Directory.Exists(path))
                throw CdfErrorCode.NotFound.Error($"There is no key folder '{path}': Export-CdfSigningRequest makes one, with the keys whose requests it writes.");
            _folder = connection.BulkRegistrations.OpenKeys(path, waits: true);
            _keys = new WaitingKeys(_folder, connection.Registry);
        }
        if (TemplateId is not null)
        {
            _devices = await SignedDevices.OpenAsync(connection, TemplateId, Status.ToUpperInvariant(), CACertificatePem, cancellationToken);
            if (ListPath is not null)
                await _devices.ReadAsync(ResolvePath(ListPath), cancellationToken);
            foreach (var warning in _devices.TakeWarnings())
                WriteWarning(warning);
        }
    }

    private protected override Task ProcessAsync(CancellationToken cancellationToken) => ParameterSetName switch
    {
        "Pem" => ForEachAsync([ThingName ?? "the certificate"], target => ImportTextAsync(target, "The certificate", CertificatePem!, cancellationToken)),
        _ => ForEachAsync(ResolveFiles(Path, LiteralPath), path => ImportFileAsync(path, cancellationToken)),
    };

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _folder?.Dispose();
        base.Dispose(disposing);
    }

    private async Task ImportFileAsync(string path, CancellationToken cancellationToken)
    {
        if (_keys is null)
            await ImportTextAsync(path, $"The file '{path}'", await ReadFileAsync(path, cancellationToken), cancellationToken);
        else
            await ImportSignedAsync(path, await DeviceFiles.ReadAsync(path, "the certificates", cancellationToken, LongestFile), cancellationToken);
    }

    private async Task ImportTextAsync(string target, string what, string pem, CancellationToken cancellationToken)
    {
        if (_keys is not null)
            await ImportSignedAsync(target, System.Text.Encoding.UTF8.GetBytes(pem), cancellationToken);
        else if (_devices is not null)
            await ImportAsync(target, ParsedCertificate.FromPem(pem, what), ThingName ?? throw CdfErrorCode.InvalidRequest.Error("A template registers a thing with the certificate: name it (-ThingName), or the folder of its key (-KeyDirectory)."), cancellationToken);
        else
            await ImportAsync(target, ParsedCertificate.FromPem(pem, what), ThingName, cancellationToken);
    }

    /// <summary>Certificates of CAs come along with those that they have signed.</summary>
    private async Task ImportSignedAsync(string target, byte[] content, CancellationToken cancellationToken)
    {
        foreach (var certificate in CertificateChain.AllFrom(content).Select(chain => chain.Leaf))
        {
            if (_keys!.FindThing(certificate) is not { } name)
            {
                if (certificate.IsCertificateAuthority)
                    WriteVerbose($"'{target}' has the certificate of the CA '{certificate.Subject}', which is not registered.");
                else
                    WriteError(CdfErrorCode.NotFound.Error($"The certificate '{certificate.Subject}' in '{target}' is for none of the keys in '{_folder!.Path}': name the folder that Export-CdfSigningRequest had.").ToErrorRecord(target));
                continue;
            }
            await ForEachAsync([name], async _ =>
            {
                if (ThingName is not null && ThingName != name)
                    throw CdfErrorCode.InvalidRequest.Error($"The certificate '{certificate.Subject}' is for the key of thing '{name}', and not of '{IotNames.Shown(ThingName)}'.");
                _keys.CheckRegistry(name);
                if (await ImportAsync(target, certificate, name, cancellationToken))
                    _keys.Fulfil(name, certificate);
            });
        }
    }

    /// <returns>Whether it is registered, now or since before.</returns>
    private async Task<bool> ImportAsync(string target, ParsedCertificate certificate, string? thingName, CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(cancellationToken);
        var registered = _keys is null ? null : await connection.Certificates.FindOfThingAsync(certificate.Id, thingName!, cancellationToken);
        if (registered is not null)
        {
            WriteVerbose($"Certificate {registered.CertificateId} of thing '{thingName}' is registered already.");
            WriteObject(registered);
            return true;
        }

        if (IsWhatIf && _devices is not null)
            await _devices.CheckAsync(thingName!, certificate.Pem, cancellationToken);
        if (!ShouldProcess(target, $"Register certificate{(thingName is null ? "" : $" for thing '{thingName}'")}{(TemplateId is null ? "" : $" from template '{TemplateId}'")}"))
            return false;
        if (_devices is not null)
            await _devices.RegisterAsync(thingName!, certificate.Pem, cancellationToken);
        else
            await connection.Certificates.ImportAsync(certificate.Pem, CACertificatePem, WithoutCA, Status.ToUpperInvariant(), thingName, PolicyName, cancellationToken, isRepeatable: _keys is not null);
        WriteVerbose($"Registered certificate {certificate.Id}{(thingName is null ? "" : $" of thing '{thingName}'")}.");
        if (++_imported % 100 == 0)
            WriteProgress(new ProgressRecord(0, "Registering certificates", $"{_imported:N0}"));
        WriteObject(await connection.Certificates.GetAsync(certificate.Id, cancellationToken));
        return true;
    }
}
