using System.Management.Automation;
using CdfProvisioning.Certificates;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning.PowerShell;

/// <summary>Makes keys and certificates for devices that register themselves later.</summary>
/// <remarks>
/// <para>
/// For just-in-time provisioning: devices that come from the factory with certificates of a CA are registered when they first
/// connect (Set-CdfCertificateAuthority -AutoRegistration). Nothing is registered now, and no thing is made.
/// </para>
/// <para>
/// The keys and certificates are lines of KeyFile, from which Export-CdfBundle makes what the factory needs of each device, and
/// Export-CdfKey a file each. A device is called by its common name there if that has a number or a column in it and can be a
/// thing's name, and else by its certificate's id.
/// </para>
/// <para>
/// It is a task, as a list is: durable before the first key is made, in the background or with Wait, and if its process dies or Ctrl+C
/// stops it, Resume-CdfBulkRegistration goes on, with exactly one key a certificate. Get-CdfBulkRegistration,
/// Stop-CdfBulkRegistration and Get-CdfBulkRegistrationResult know it too. WhatIf makes nothing, and says what would go wrong.
/// </para>
/// </remarks>
/// <example>
/// <para>Make a thousand numbered certificates, and what the factory needs of them</para>
/// <code>
/// New-CdfCertificate 'meter-{n:000000}' -Count 1000 -CertificateAuthority 'Factory 7' -KeyFile ./meters.jsonl -Wait
/// Export-CdfBundle ./meters -KeyFile ./meters.jsonl -Format Zip
/// </code>
/// </example>
/// <example>
/// <para>Name them after the serial numbers of a list</para>
/// <code>New-CdfCertificate 'SN-{SerialNumber}' ./devices.csv -Subject 'O=Example,C=DE' -CertificateAuthority 'Factory 7' -KeyFile ./serials.jsonl -Wait</code>
/// </example>
/// <example>
/// <para>See what would be made</para>
/// <code>New-CdfCertificate 'meter-{n:000000}' -Count 1000000 -CertificateAuthority 'Factory 7' -KeyFile ./meters.jsonl -WhatIf</code>
/// </example>
[Cmdlet(VerbsCommon.New, "CdfCertificate", SupportsShouldProcess = true, DefaultParameterSetName = ByCount)]
[OutputType(typeof(BulkRegistrationTask), typeof(BulkRegistrationCheck), typeof(Job))]
public sealed class NewCdfCertificateCommand : DeviceRowsCmdlet
{
    private const string ByCount = "Count";

    private CommonNames? _names;
    private BulkRegistrationDraft? _draft;
    private DryRun? _dryRun;
    private long _number;

    /// <summary>The certificates' common name: {n} stands for their number, {n:000000} for the number with so many digits, and any other name in braces for the column or property of that name. A text without is the common name of all.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string CommonName { get; set; } = "";

    /// <summary>How many certificates are made.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByCount)]
    [ValidateRange(1L, 100_000_000L)]
    public long Count { get; set; }

    /// <summary>The number of the first.</summary>
    [Parameter]
    [ValidateRange(0L, long.MaxValue / 2)]
    public long FirstNumber { get; set; } = 1;

    /// <summary>The CA that signs the certificates: from Get-CdfCertificateAuthority, or its id, the beginning of that, or its subject.</summary>
    [Parameter(Mandatory = true)]
    [Alias("CaId")]
    [ArgumentCompleter(typeof(CaIdCompleter))]
    [ValidateNotNull]
    public object? CertificateAuthority { get; set; }

    /// <summary>The one file, readable by you alone, to which the keys and certificates are appended: a line of JSON a device (row, thing, certificateId, certificatePem, privateKeyPem).</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string KeyFile { get; set; } = "";

    /// <summary>The file of the certificate (PEM or DER, RSA or EC) of who alone may read KeyFile: its lines are encrypted in batches (CMS, AES-256), so that no key is on this disk in the clear.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyRecipient { get; set; }

    /// <summary>The rest of the certificates' subject, such as 'O=Example,C=DE'.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Subject { get; set; }

    /// <summary>For how many days the certificates are valid.</summary>
    [Parameter]
    [ValidateRange(1, 36500)]
    public int? ValidDays { get; set; }

    /// <summary>The keys that are made: RSA2048, P256 or P384; the connection's if not given.</summary>
    [Parameter]
    [ValidateSet(KeyAlgorithms.Rsa2048, KeyAlgorithms.P256, KeyAlgorithms.P384)]
    public string? KeyAlgorithm { get; set; }

    /// <summary>Waits until all certificates have been made, and shows the progress.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Emits a job that follows the task: Wait-Job, Receive-Job, Stop-Job.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <summary>Emits the task. It is emitted in any case.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override object? Target => CommonName;

    private protected override async Task BeginAsync(CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(cancellationToken);
        _names = new CommonNames(CommonName);
        if (ParameterSetName == ByCount && _names.Columns.FirstOrDefault() is { } column)
            throw CdfErrorCode.InvalidRequest.Error($"'{{{column}}}' in the common name is a column of a list, and there is none: give one (-Path, or pipe objects) instead of -Count, or write {{n}} for a number.");
        if (!ShouldProcess(CommonName, "Make keys and certificates") && !IsWhatIf)
            return;

        var request = new BulkRegistrationRequest(TemplateId: null, KeyDirectory: null, await ReadParametersAsync(connection, cancellationToken))
        {
            IsIssuance = true,
            RefusesWhatFailsThroughout = true,
            KeyFile = ResolvePath(KeyFile),
            KeyRecipient = ReadKeyRecipient(KeyRecipient),
        };
        if (IsWhatIf)
        {
            _dryRun = await connection.BulkRegistrations.CreateDryRunAsync(request, cancellationToken);
            return;
        }
        _draft = await connection.BulkRegistrations.CreateAsync(request, cancellationToken);
        if (_draft.Warning is { } warning)
            WriteWarning(warning);
    }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (_draft is null && _dryRun is null)
            return;
        if (ParameterSetName == ByCount)
        {
            for (long i = 0; i < Count; i++)
                await AddAsync(new(), cancellationToken);
            return;
        }

        await foreach (var (place, read) in RowsAsync(property => _names!.Columns.Contains(property, StringComparer.OrdinalIgnoreCase), ofText: null, cancellationToken))
        {
            try
            {
                await AddAsync(read(), cancellationToken);
            }
            catch (CdfException e) when (e.Code == CdfErrorCode.InvalidRequest)
            {
                ThrowTerminatingError(CdfErrorCode.InvalidRequest.Error($"No certificate is made, for {place} is bad: {e.Message}", e).ToErrorRecord(place)); // the list as a whole
            }
        }
    }

    private protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (_dryRun is not null)
            WriteObject(await _dryRun.EndAsync(cancellationToken));
        if (_draft is null)
            return;
        var connection = await ConnectionAsync(cancellationToken);
        var task = await connection.BulkRegistrations.StartAsync(_draft, cancellationToken);
        WriteVerbose($"Task {task.TaskId} makes {task.RowCount} certificates ({connection.Info}).");
        await WriteStartedAsync(connection, task, AsJob, Wait, cancellationToken);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _dryRun?.Dispose();
        if (_draft is not null)
            PipelinePump.Run(() => _draft.DisposeAsync().AsTask(), cancel: () => { });
        base.Dispose(disposing);
    }

    /// <summary>A fixed common name is that of all; any other is each row's own.</summary>
    private async ValueTask AddAsync(GivenParameters given, CancellationToken cancellationToken)
    {
        var row = new GivenParameters(1);
        if (!_names!.AreFixed)
            row[RowTemplates.CommonNameColumn] = _names.Of(FirstNumber + _number, column => Find(given, column));
        _number++;
        if (_dryRun is not null)
            await _dryRun.AddAsync(row, failure: null, cancellationToken);
        else
            await _draft!.AddAsync(row, cancellationToken);
    }

    private async ValueTask<CdfProvisioningParameters> ReadParametersAsync(Connection connection, CancellationToken cancellationToken)
    {
        var values = new CdfValues { CertificateAuthority = CertificateAuthority, Subject = Subject, ValidDays = ValidDays };
        var given = (await values.ReadAsync(connection, ProvisioningTemplate.CertificateAlone.Cdf, cancellationToken))!;
        var subject = given.CertInfo ?? new();
        return subject.CommonName is null
            ? given with { CertInfo = subject with { CommonName = _names!.AreFixed ? CommonName : $"{{{RowTemplates.CommonNameColumn}}}", KeyAlgorithm = KeyAlgorithm } }
            : throw CdfErrorCode.InvalidRequest.Error("The subject has a CN, which is what -CommonName says: leave it out of -Subject.");
    }
}
