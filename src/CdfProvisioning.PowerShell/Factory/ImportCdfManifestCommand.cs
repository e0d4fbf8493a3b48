using System.Management.Automation;
using System.Net;
using System.Security;
using CdfProvisioning.Certificates;
using CdfProvisioning.Factory.Manifests;

namespace CdfProvisioning.PowerShell;

/// <summary>Reads the devices of a chip or module maker's manifest, as rows for Start-CdfBulkRegistration.</summary>
/// <remarks>
/// <para>
/// A maker whose chips come with keys and certificates hands in a manifest of them. Each device of it becomes an object with a
/// name for its thing, its certificate and what the maker says of it, which pipes into a list whose template registers the
/// device's own certificate, such as the template without-ca that comes with the module.
/// </para>
/// <para>
/// Read are Microchip's manifests, whose every signature is verified, Infineon's reels, Espressif's, RainMaker's and nRF Cloud's
/// CSV, plain lists of certificates, and PEM, DER and PFX files or folders of them. Devices are read one by one: a million take no
/// more memory than a thousand. One that is damaged, or not signed as it should be, is an error that names its place; the others
/// are read all the same.
/// </para>
/// </remarks>
/// <example>
/// <para>See which devices a reel's manifest has</para>
/// <code>Import-CdfManifest ./manifest.json -SignerCertificate ./signers/*.crt</code>
/// </example>
/// <example>
/// <para>Register the devices of a folder of certificates</para>
/// <code>Import-CdfManifest ./certificates -NameTemplate 'sensor-{FileName}' | Start-CdfBulkRegistration without-ca -Wait</code>
/// </example>
[Cmdlet(VerbsData.Import, "CdfManifest", DefaultParameterSetName = "Path")]
[OutputType(typeof(ManifestDevice))]
public sealed class ImportCdfManifestCommand : CdfCmdlet
{
    private const int DevicesAProgress = 1000;

    private ManifestSigners? _signers;
    private ManifestReader? _reader;
    private long _good;
    private long _bad;

    /// <summary>The manifests: files, or folders of certificate files. Wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>The manifests by their exact paths.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>The files with the certificates of the maker's signing keys, PEM or DER. Needed for Microchip's manifests. Wildcards are allowed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? SignerCertificate { get; set; }

    /// <summary>The things' names, with the names of what the maker says of a device in braces, such as sensor-{uniqueId}; {CommonName}, {CertificateSerialNumber} and {CertificateId} are always there. Without, a device has its maker's name for it, else its certificate's common name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? NameTemplate { get; set; }

    /// <summary>The format. Without, the content tells.</summary>
    [Parameter]
    public ManifestFormat? Format { get; set; }

    /// <summary>Of an Infineon reel, the slot of the chip whose certificates are wanted.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Slot { get; set; } = "E0E0";

    /// <summary>The password of PFX files.</summary>
    [Parameter]
    public SecureString? Password { get; set; }

    private protected override async Task BeginAsync(CancellationToken cancellationToken)
    {
        var signers = new List<ParsedCertificate>();
        foreach (var path in ResolveFiles(SignerCertificate, literalPaths: null))
        {
            var content = await File.ReadAllBytesAsync(path, cancellationToken);
            signers.AddRange(CertificateChain.AllFrom(content).SelectMany(chain => chain.Issuers.Prepend(chain.Leaf)));
        }
        _signers = new ManifestSigners(signers);
        _reader = new ManifestReader(_signers, new ManifestOptions(Format, Slot, Password is null ? null : new NetworkCredential("", Password).Password));
    }

    private protected override Task ProcessAsync(CancellationToken cancellationToken) => ForEachAsync(
        ResolveFiles(Path, LiteralPath), path => ReadAsync(path, cancellationToken));

    private protected override Task EndAsync(CancellationToken cancellationToken)
    {
        if (_bad > 0)
            WriteWarning($"{_bad:N0} of {_good + _bad:N0} devices are bad, and were left out.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _signers?.Dispose();
        base.Dispose(disposing);
    }

    private async Task ReadAsync(string path, CancellationToken cancellationToken)
    {
        await foreach (var item in _reader!.ReadAsync(path, cancellationToken))
        {
            try
            {
                if (item.Problem is not null)
                    throw item.Problem;
                WriteObject(Row(item));
                _good++;
            }
            catch (CdfException exception)
            {
                _bad++;
                WriteError(exception.ToErrorRecord(item.Place));
            }
            if ((_good + _bad) % DevicesAProgress == 0)
                WriteProgress(new ProgressRecord(0, "Reading manifests", $"{_good + _bad:N0} devices"));
        }
    }

    /// <summary>The device with what its maker says of it, where no property of ours is called so.</summary>
    private PSObject Row(ManifestItem item)
    {
        var (leaf, _) = item.Certificate!;
        var row = PSObject.AsPSObject(new ManifestDevice
        {
            ThingName = NameTemplate is null ? Factory.Manifests.NameTemplate.Default(item) : new NameTemplate(NameTemplate).Fill(item),
            CertificatePem = leaf.Pem,
            CertificateChain = item.Certificate.IssuersPem,
            CertificateId = leaf.Id,
            CertificateSerialNumber = leaf.SerialNumber,
            CommonName = leaf.Subject.CommonName,
            NotAfter = leaf.NotAfter,
            Source = item.Place,
        });
        foreach (var (name, value) in item.Fields)
        {
            if (name.Length > 0 && row.Properties[name] is null)
                row.Properties.Add(new PSNoteProperty(name, value));
        }
        return row;
    }
}
