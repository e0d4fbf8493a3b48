using System.Collections;
using System.Management.Automation;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>Registers a list of devices from a template, in the background.</summary>
/// <remarks>
/// <para>
/// The devices come from the pipeline, as hashtables or as objects such as Import-Csv makes, or from a file: CSV with a
/// header, a JSON array, or JSON lines. A device is registered exactly once, also if the process dies and the task is resumed.
/// </para>
/// <para>
/// A device that cannot be registered does not stop the others: Get-CdfBulkRegistrationResult tells why. Ctrl+C while
/// waiting interrupts the task; Resume-CdfBulkRegistration goes on with it.
/// </para>
/// <para>
/// With WhatIf every row is checked against the template and the registry, and nothing is changed: the output says how
/// many things are new, how many exist already, and which rows would fail, and why.
/// </para>
/// </remarks>
/// <example>
/// <para>Register the devices of a CSV file and wait</para>
/// <code>Start-CdfBulkRegistration -TemplateId sensor -Path ./devices.csv -KeyDirectory ./keys -Wait</code>
/// </example>
/// <example>
/// <para>Register devices from the pipeline and look at the task later</para>
/// <code>
/// $task = Import-Csv ./devices.csv | Where-Object Site -eq 'Ulm' | Start-CdfBulkRegistration -TemplateId sensor -PassThru
/// Get-CdfBulkRegistration $task.TaskId
/// </code>
/// </example>
/// <example>
/// <para>See which rows of a list would fail before starting it</para>
/// <code>(Start-CdfBulkRegistration -TemplateId sensor -Path ./devices.csv -KeyDirectory ./keys -WhatIf).BadRows</code>
/// </example>
/// <example>
/// <para>Sign the CSRs that the list names in its column CsrFile</para>
/// <code>Start-CdfBulkRegistration -TemplateId sensor-csr -Path ./devices.csv -CsrFileColumn CsrFile -Wait</code>
/// </example>
[Cmdlet(VerbsLifecycle.Start, "CdfBulkRegistration", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(BulkRegistrationTask), typeof(BulkRegistrationCheck))]
public sealed class StartCdfBulkRegistrationCommand : BulkRegistrationCmdlet
{
    private BulkRegistrationService? _service;
    private BulkRegistrationDraft? _draft;
    private DryRun? _dryRun;
    private CsrFiles? _csrFiles;

    /// <summary>The id of the provisioning template. Without, the column GroupPath of the list says which template applies to each device.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(TemplateIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string? TemplateId { get; set; }

    /// <summary>The file that has the list: .csv, .tsv, .json (an array) or .jsonl.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>A device's values for the template's parameters: a hashtable, or an object with a property for each.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "InputObject", ValueFromPipeline = true)]
    [DeviceParameters]
    public IReadOnlyDictionary<string, string> InputObject { get; set; } = new Dictionary<string, string>();

    /// <summary>The folder in which the devices' keys and certificates are written, readable by you alone. Needed if the template makes keys.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyDirectory { get; set; }

    /// <summary>Values for the steps of the template's CDF section, as in New-CdfThing, for all devices. A column such as cdf.certInfo.commonName gives a device a value of its own.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? CdfParameters { get; set; }

    /// <summary>The column that names the file of each device's CSR, relative to the list's folder.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CsrFileColumn { get; set; }

    /// <summary>Waits until all devices have been tried, and shows the progress.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Emits the task.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task BeginAsync(CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(cancellationToken);
        var request = new BulkRegistrationRequest(
            TemplateId, KeyDirectory is null ? null : ResolvePath(KeyDirectory), CdfParametersInput.Parse(CdfParameters));
        if (CsrFileColumn is not null)
            _csrFiles = new CsrFiles(
                CsrFileColumn,
                Path is null ? SessionState.Path.CurrentFileSystemLocation.Path : System.IO.Path.GetDirectoryName(ResolvePath(Path))!,
                TemplateId is null ? null : await connection.Things.CompileAsync(TemplateId, groupPath: null, cancellationToken));

        if (ShouldProcess(Path ?? "the piped list", TemplateId is null ? "Register devices" : $"Register devices from template '{TemplateId}'"))
        {
            _service = connection.BulkRegistrations;
            _draft = await _service.CreateAsync(request, cancellationToken);
        }
        else if (IsWhatIf)
        {
            _dryRun = await connection.BulkRegistrations.CreateDryRunAsync(request, cancellationToken);
        }
    }

    private protected override Task ProcessAsync(CancellationToken cancellationToken) =>
        Path is null ? AddAsync(InputObject, cancellationToken) : Task.CompletedTask;

    private protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (Path is not null && (_dryRun is not null || _draft is not null))
        {
            await foreach (var row in new DeviceListReader().ReadFileAsync(ResolvePath(Path), cancellationToken))
                await AddAsync(row, cancellationToken);
        }

        if (_dryRun is not null)
            WriteObject(await _dryRun.EndAsync(cancellationToken));
        if (_service is null || _draft is null)
            return;

        await _draft.StartAsync(cancellationToken);
        var task = await _service.GetAsync(_draft.TaskId, cancellationToken);
        WriteVerbose($"Task {task.TaskId} registers {task.RowCount} devices.");
        if (Wait)
            task = await WaitOrInterruptAsync(_service, task.TaskId, cancellationToken);
        if (PassThru)
            WriteObject(task);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_draft is not null)
            PipelinePump.Run(() => _draft.DisposeAsync().AsTask(), cancel: () => { });
        base.Dispose(disposing);
    }

    /// <summary>Adds a row to the list. That fails for the list as a whole (a column is missing, the disk is full), and so ends the command.</summary>
    private async Task AddAsync(IReadOnlyDictionary<string, string> row, CancellationToken cancellationToken)
    {
        try
        {
            if (_dryRun is not null)
                await CheckAsync(_dryRun, row, cancellationToken);
            else if (_draft is not null)
                await _draft.AddAsync(_csrFiles is null ? row : await _csrFiles.ReadAsync(row, cancellationToken), cancellationToken);
        }
        catch (CdfException exception)
        {
            ThrowTerminatingError(exception.ToErrorRecord(row));
        }
    }

    /// <summary>A CSR file that cannot be read is something to tell of its row, and not the end of the check.</summary>
    private async Task CheckAsync(DryRun dryRun, IReadOnlyDictionary<string, string> row, CancellationToken cancellationToken)
    {
        CdfException? failure = null;
        try
        {
            row = _csrFiles is null ? row : await _csrFiles.ReadAsync(row, cancellationToken);
        }
        catch (CdfException e)
        {
            failure = e;
        }

        await dryRun.AddAsync(row, failure, cancellationToken);
    }
}
