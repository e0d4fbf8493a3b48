using System.Management.Automation;
using CdfProvisioning.Lists;

namespace CdfProvisioning.PowerShell;

/// <summary>Registers lists of devices from a template, in the background.</summary>
/// <remarks>
/// <para>
/// The devices come from the pipeline, as hashtables or as objects such as Import-Csv makes, or from files: CSV with a
/// header, a JSON array, or JSON lines. Each file is a list, and a task, of its own. A device is registered exactly once, also
/// if the process dies and the task is resumed.
/// </para>
/// <para>
/// Columns and parameters match without regard to case. What nothing uses is told by a warning, once a list; an empty cell is as
/// good as none. Separators (comma, semicolon, tab) and Unicode encodings are recognised, and what Excel and Windows PowerShell
/// put before the header is skipped.
/// </para>
/// <para>
/// A device that cannot be registered does not stop the others: waiting for the task ends in an error that says why, and
/// Get-CdfBulkRegistrationResult tells of every device. A list that would fail in every row is refused. Ctrl+C while
/// waiting interrupts the task; Resume-CdfBulkRegistration goes on with it.
/// </para>
/// <para>
/// With WhatIf every row is checked against the template and the registry, and nothing is changed: the output says how
/// many things are new, how many would change, how many are the same already, and which rows would fail, and why.
/// </para>
/// </remarks>
/// <example>
/// <para>Register the devices of a CSV file and wait</para>
/// <code>Start-CdfBulkRegistration -TemplateId sensor -Path ./devices.csv -CertificateAuthority 'Factory 7' -Subject 'CN={ThingName},O=Example' -KeyDirectory ./keys -Wait</code>
/// </example>
/// <example>
/// <para>Register devices from the pipeline and look at the task later</para>
/// <code>
/// $task = Import-Csv ./devices.csv | Where-Object Site -eq 'Ulm' | Start-CdfBulkRegistration -TemplateId sensor -CdfParameters @{ caId = $ca.CaId; certInfo = @{ commonName = '{ThingName}' } } -KeyDirectory ./keys
/// Get-CdfBulkRegistration $task.TaskId
/// </code>
/// </example>
/// <example>
/// <para>See which rows of a list would fail before starting it</para>
/// <code>(Start-CdfBulkRegistration -TemplateId sensor -Path ./devices.csv -CertificateAuthority 'Factory 7' -Subject 'CN={ThingName}' -KeyDirectory ./keys -WhatIf).BadRows</code>
/// </example>
/// <example>
/// <para>Sign the CSRs that the list names in its column CsrFile</para>
/// <code>Start-CdfBulkRegistration -TemplateId sensor-csr -Path ./devices-csr.csv -CsrFileColumn CsrFile -Wait</code>
/// </example>
/// <example>
/// <para>Register all lists of a folder, whose columns have names of their own, in a job</para>
/// <code>
/// $job = Get-ChildItem ./lists/*.csv | Start-CdfBulkRegistration plain -ColumnMap @{ 'Serial No.' = 'SerialNumber' } -AsJob
/// $job | Wait-Job | Receive-Job
/// </code>
/// </example>
/// <example>
/// <para>Try again what could not be registered</para>
/// <code>
/// Get-CdfBulkRegistrationResult $task.TaskId -Failed | Export-Csv ./again.csv
/// Start-CdfBulkRegistration sensor ./again.csv -CertificateAuthority 'Factory 7' -Subject 'CN={ThingName}' -KeyDirectory ./keys -Wait
/// </code>
/// </example>
[Cmdlet(VerbsLifecycle.Start, "CdfBulkRegistration", SupportsShouldProcess = true, DefaultParameterSetName = ByPath)]
[OutputType(typeof(BulkRegistrationTask), typeof(BulkRegistrationCheck), typeof(Job))]
public sealed class StartCdfBulkRegistrationCommand : DeviceListCmdlet
{
    /// <summary>Waits until all devices have been tried, and shows the progress.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Emits a job for each list, which follows its task: Wait-Job, Receive-Job, Stop-Job.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <summary>Emits the task. It is emitted in any case.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override bool IsWanted(string name) =>
        ShouldProcess(name, TemplateId is null ? "Register devices" : $"Register devices from template '{TemplateId}'") || IsWhatIf;

    private protected override async ValueTask OpenAsync(ListIntake list, BulkRegistrationRequest request, Connection connection, CancellationToken cancellationToken)
    {
        await list.BeginAsync(request, IsWhatIf, cancellationToken);
        if (list.Warning is not null)
            WriteWarning(list.Warning);
    }

    private protected override async Task CloseAsync(ListIntake list, string name, CancellationToken cancellationToken)
    {
        if (IsWhatIf)
        {
            WriteObject(await list.EndCheckAsync(cancellationToken) with { BlankRowCount = list.BlankRows });
            return;
        }

        var task = await list.StartAsync(cancellationToken);
        var connection = await ConnectionAsync(cancellationToken);
        WriteVerbose($"Task {task.TaskId} registers {task.RowCount} devices of {name} ({connection.Info}).");
        await WriteStartedAsync(connection, task, AsJob, Wait, cancellationToken);
    }
}
