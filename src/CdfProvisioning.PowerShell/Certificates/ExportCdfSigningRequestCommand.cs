using System.Management.Automation;
using CdfProvisioning.Certificates;
using CdfProvisioning.Fleet;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>What Export-CdfSigningRequest has done.</summary>
/// <param name="Path">The folder or file of the signing requests.</param>
/// <param name="RequestCount">The requests that were written.</param>
/// <param name="NewKeyCount">The keys that were made for them; the others waited already.</param>
/// <param name="SkippedCount">The devices that have their certificates already.</param>
/// <param name="FailedCount">The devices for which there is no request.</param>
public sealed record SigningRequestExport(string Path, long RequestCount, long NewKeyCount, long SkippedCount, long FailedCount);

/// <summary>Makes keys for devices and writes their signing requests, for a CA that is elsewhere.</summary>
/// <remarks>
/// <para>
/// For a CA that no command can reach: its operator signs the requests, and Import-CdfCertificate -KeyDirectory registers the
/// certificates that come back. The devices are those of lists (CSV, JSON), or are piped in: things, rows of Import-Csv, hashtables; the
/// column or property ThingName names each.
/// </para>
/// <para>
/// A key is in its file in KeyDirectory before its request is written, and waits there for the certificate; nothing else takes its
/// place meanwhile. The command may be repeated: a device whose key waits gets a request for the same key, and one that has its
/// certificate is skipped.
/// </para>
/// </remarks>
/// <example>
/// <para>Have a CA elsewhere sign the certificates of a list, and register what it has signed</para>
/// <code>
/// Export-CdfSigningRequest ./requests -Path ./devices.csv -Subject 'CN={ThingName},O=Example' -KeyDirectory ./keys
/// # at the CA, for each request: openssl x509 -req -in sensor-1.csr -CA ca.pem -CAkey ca.key -days 365 -out sensor-1.pem
/// Import-CdfCertificate ./signed/*.pem -KeyDirectory ./keys -TemplateId without-ca -ListPath ./devices.csv
/// </code>
/// </example>
/// <example>
/// <para>One file of requests for things that are registered</para>
/// <code>Get-CdfThing sensor-* | Export-CdfSigningRequest ./requests.csv -KeyDirectory ./keys</code>
/// </example>
[Cmdlet(VerbsData.Export, "CdfSigningRequest", SupportsShouldProcess = true, DefaultParameterSetName = ByPath)]
[OutputType(typeof(SigningRequestExport))]
public sealed class ExportCdfSigningRequestCommand : DeviceRowsCmdlet
{
    private const string ThingNameColumn = "ThingName";

    private SigningRequestFile? _file;
    private WaitingKeys? _keys;
    private Keys.KeyDirectory? _folder;
    private CdfProvisioningParameters _subject = new();
    private long _requests;
    private long _new;
    private long _skipped;
    private long _failed;

    /// <summary>Where the requests go: a folder, which gets a .csr file a device; a .pem file with all of them; or a .csv file with the columns ThingName and CSR.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    /// <summary>The folder in which the devices' keys are put, readable by you alone, to wait for their certificates.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string KeyDirectory { get; set; } = "";

    /// <summary>The subject of the requests: {Name} stands for the device's column or property of that name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Subject { get; set; } = "CN={ThingName}";

    /// <summary>The keys that are made: P256 if not given, RSA2048 or P384.</summary>
    [Parameter]
    [ValidateSet(KeyAlgorithms.Rsa2048, KeyAlgorithms.P256, KeyAlgorithms.P384)]
    public string KeyAlgorithm { get; set; } = KeyAlgorithms.P256;

    private protected override object? Target => Destination;

    private protected override async Task BeginAsync(CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(cancellationToken);
        _subject = new() { CertInfo = CdfValues.ReadSubject(Subject) };
        var folder = ResolvePath(KeyDirectory);
        if (!ShouldProcess(ResolvePath(Destination), $"Make keys in '{folder}', and write their signing requests"))
            return;
        _folder = connection.BulkRegistrations.OpenKeys(folder, waits: true);
        if (_folder.Warning is { } warning)
            WriteWarning(warning);
        _keys = new WaitingKeys(_folder, connection.Registry);
        _file = SigningRequestFile.Open(ResolvePath(Destination));
    }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (_file is null)
            return;
        await foreach (var (place, read) in RowsAsync(IsUsed, name => new() { [ThingNameColumn] = name }, cancellationToken))
            await AddAsync(place, read, cancellationToken);
    }

    private protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_file is null)
            return;
        await _file.FinishAsync(cancellationToken);
        WriteObject(new SigningRequestExport(ResolvePath(Destination), _requests, _new, _skipped, _failed));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_file is not null)
            PipelinePump.Run(() => _file.DisposeAsync().AsTask(), cancel: () => { });
        _folder?.Dispose();
        base.Dispose(disposing);
    }

    private async Task AddAsync(string place, Func<GivenParameters> read, CancellationToken cancellationToken)
    {
        try
        {
            var row = read();
            var name = Find(row, ThingNameColumn) is { Length: > 0 } found ? found : throw CdfErrorCode.InvalidRequest.Error($"It has no {ThingNameColumn}.");
            place = $"{place}, '{IotNames.Shown(name)}'";
            var subject = _subject.Select(value => Placeholders.Fill(value, column => ValueOf(column, row))).CertInfo!.ToSubjectFields().ToName();
            if (await _keys!.RequestAsync(name, subject, KeyAlgorithms.Parse(KeyAlgorithm), cancellationToken) is not { } request)
            {
                _skipped++;
                WriteVerbose($"Thing '{name}' has its certificate already.");
                return;
            }
            await _file!.AddAsync(name, request.Csr, cancellationToken);
            _requests++;
            _new += request.IsNew ? 1 : 0;
            if (_requests % 100 == 0)
                WriteProgress(new ProgressRecord(0, "Making signing requests", $"{_requests:N0} devices"));
        }
        catch (CdfException e) when (e.Code != CdfErrorCode.Unavailable)
        {
            _failed++;
            WriteError(e.Code.Error($"There is no signing request for {place}: {e.Message}", e).ToErrorRecord(place));
        }
    }

    private bool IsUsed(string property) =>
        property.Equals(ThingNameColumn, StringComparison.OrdinalIgnoreCase) || Placeholders.NamesIn(Subject).Contains(property, StringComparer.OrdinalIgnoreCase);

    private static string ValueOf(string column, GivenParameters row) => Find(row, column) ?? throw CdfErrorCode.InvalidRequest.Error(
        $"The subject refers to '{{{IotNames.Shown(column)}}}', which the device does not have: it has {string.Join(", ", row.Keys)}.");
}
