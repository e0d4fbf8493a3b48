using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Goes on with interrupted tasks.</summary>
/// <remarks>
/// <para>Devices that have a result already are not registered again.</para>
/// </remarks>
/// <example>
/// <para>Go on where a process that died had stopped</para>
/// <code>Get-CdfBulkRegistration | Where-Object Status -eq Interrupted | Resume-CdfBulkRegistration -Wait</code>
/// </example>
[Cmdlet(VerbsLifecycle.Resume, "CdfBulkRegistration", SupportsShouldProcess = true)]
[OutputType(typeof(BulkRegistrationTask))]
public sealed class ResumeCdfBulkRegistrationCommand : BulkRegistrationCmdlet
{
    /// <summary>The ids of the tasks.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TaskIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] TaskId { get; set; } = [];

    /// <summary>Waits until all devices have been tried, and shows the progress.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Emits the tasks as they are afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var service = (await ConnectionAsync(cancellationToken)).BulkRegistrations;
        await ForEachAsync(
            TaskId,
            async id =>
            {
                if (!ShouldProcess(id, "Resume bulk registration"))
                    return;

                var task = await service.ResumeAsync(id, cancellationToken);
                WriteVerbose($"Task {id} goes on after {task.SuccessCount + task.FailureCount} of {task.RowCount} devices.");
                if (Wait)
                    task = await WaitOrInterruptAsync(service, id, cancellationToken);
                if (PassThru)
                    WriteObject(task);
            });
    }
}
