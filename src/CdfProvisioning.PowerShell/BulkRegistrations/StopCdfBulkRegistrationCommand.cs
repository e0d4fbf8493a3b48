using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Cancels tasks for good.</summary>
/// <remarks>
/// <para>Devices that have been registered until then stay so. A task of another process can be stopped as well. Rows of a list on AWS that were under way when it was interrupted are ended first: nothing half made stays.</para>
/// </remarks>
/// <example>
/// <para>Cancel all that is running</para>
/// <code>Get-CdfBulkRegistration | Where-Object Status -eq InProgress | Stop-CdfBulkRegistration</code>
/// </example>
[Cmdlet(VerbsLifecycle.Stop, "CdfBulkRegistration", SupportsShouldProcess = true)]
[OutputType(typeof(BulkRegistrationTask))]
public sealed class StopCdfBulkRegistrationCommand : CdfCmdlet
{
    /// <summary>The ids of the tasks, or patterns of ids.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TaskIdCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] TaskId { get; set; } = [];

    /// <summary>Emits the tasks as they are afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var service = (await ConnectionAsync(cancellationToken)).BulkRegistrations;
        await ForEachMatchAsync(
            TaskId,
            _ => service.ListAsync(cancellationToken)
                .Where(task => task.Status is BulkRegistrationStatus.InProgress or BulkRegistrationStatus.Interrupted)
                .Select(task => task.TaskId),
            async id =>
            {
                if (await service.GetAsync(id, cancellationToken) is { Status: BulkRegistrationStatus.Completed or BulkRegistrationStatus.Cancelled or BulkRegistrationStatus.Failed } over)
                    throw CdfErrorCode.Conflict.Error($"Task {id} is {over.Status}: there is nothing to stop.");
                if (!ShouldProcess(id, "Cancel bulk registration"))
                    return;

                var task = await service.StopAsync(id, cancellationToken);
                WriteVerbose($"Task {id} is {task.Status}.");
                if (PassThru)
                    WriteObject(task);
            });
    }
}
