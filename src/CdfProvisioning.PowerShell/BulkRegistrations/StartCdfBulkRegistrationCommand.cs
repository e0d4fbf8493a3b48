using System.Collections;
using System.Management.Automation;
using CdfProvisioning.Bulk;

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
[Cmdlet(VerbsLifecycle.Start, "CdfBulkRegistration", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
[OutputType(typeof(BulkRegistrationTask))]
public sealed class StartCdfBulkRegistrationCommand : BulkRegistrationCmdlet
{
    private BulkRegistrationService? _service;
    private BulkRegistrationDraft? _draft;
    private Connection? _planner;
    private long _planned;

    /// <summary>The id of the provisioning template.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(TemplateIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string TemplateId { get; set; } = string.Empty;

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

    /// <summary>Values for the steps of the template's CDF section, the same for all devices; as in New-CdfThing.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? CdfParameters { get; set; }

    /// <summary>Waits until all devices have been tried, and shows the progress.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Emits the task.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task BeginAsync(CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(cancellationToken);
        var list = Path ?? "the piped list";
        if (IsWhatIf)
        {
            _planner = connection;
        }
        else if (ShouldProcess(list, $"Register devices from template '{TemplateId}'"))
        {
            _service = connection.BulkRegistrations;
            _draft = await _service.CreateAsync(
                new BulkRegistrationRequest(
                    TemplateId, KeyDirectory is null ? null : ResolvePath(KeyDirectory), CdfParametersInput.Parse(CdfParameters)),
                cancellationToken);
        }
    }

    private protected override Task ProcessAsync(CancellationToken cancellationToken) =>
        Path is null ? AddAsync(InputObject, cancellationToken) : Task.CompletedTask;

    private protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        if (Path is not null && (_planner is not null || _draft is not null))
        {
            await foreach (var row in DeviceListReader.ReadFileAsync(ResolvePath(Path), cancellationToken))
                await AddAsync(row, cancellationToken);
        }

        if (_planned > 1)
            ShouldProcess($"{_planned - 1} more devices", $"Register from template '{TemplateId}'");
        if (_service is null || _draft is null)
            return;

        await _draft.StartAsync(cancellationToken);
        var task = await _service.GetAsync(_draft.TaskId, cancellationToken);
        WriteVerbose($"Task {task.TaskId} registers {task.RowCount} devices from template '{TemplateId}'.");
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
            if (_draft is not null)
                await _draft.AddAsync(row, cancellationToken);
            else if (_planner is not null && _planned++ == 0)
                ShouldProcess($"{await _planner.Things.PlanAsync(new ProvisionRequest(TemplateId, row), cancellationToken)}", $"Register from template '{TemplateId}'");
        }
        catch (CdfException exception)
        {
            ThrowTerminatingError(exception.ToErrorRecord(row));
        }
    }
}
