using System.Management.Automation;
using CdfProvisioning.Lists;

namespace CdfProvisioning.PowerShell;

/// <summary>Goes on with interrupted tasks.</summary>
/// <remarks>
/// <para>Devices that have a result already are not registered again. The task is emitted, as Start-CdfBulkRegistration does, so that it can be waited for.</para>
/// </remarks>
/// <example>
/// <para>Go on where a process that died had stopped</para>
/// <code>Get-CdfBulkRegistration | Where-Object Status -eq Interrupted | Resume-CdfBulkRegistration -Wait</code>
/// </example>
/// <example>
/// <para>Have all of them go on at once, and wait for the end of all</para>
/// <code>Get-CdfBulkRegistration | Where-Object Status -eq Interrupted | Resume-CdfBulkRegistration | Wait-CdfBulkRegistration</code>
/// </example>
[Cmdlet(VerbsLifecycle.Resume, "CdfBulkRegistration", SupportsShouldProcess = true)]
[OutputType(typeof(BulkRegistrationTask))]
public sealed class ResumeCdfBulkRegistrationCommand : BulkRegistrationCmdlet
{
    /// <summary>The ids of the tasks, or patterns of ids.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TaskIdCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] TaskId { get; set; } = [];

    /// <summary>Waits until all devices have been tried, and shows the progress.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Emits the tasks. They are emitted in any case.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var service = (await ConnectionAsync(cancellationToken)).BulkRegistrations;
        await ForEachMatchAsync(
            TaskId,
            _ => service.ListAsync(cancellationToken).Where(task => task.Status == BulkRegistrationStatus.Interrupted).Select(task => task.TaskId),
            async id =>
            {
                await CheckAsync(service, id, cancellationToken);
                if (!ShouldProcess(id, "Resume bulk registration"))
                    return;

                var task = await service.ResumeAsync(id, cancellationToken);
                WriteVerbose($"Task {id} goes on after {task.SuccessCount + task.FailureCount} of {task.RowCount} devices.");
                if (Wait)
                    await WriteEndAsync(service, await WaitOrInterruptAsync(service, id, cancellationToken), cancellationToken);
                else
                    WriteObject(task);
            });
    }

    /// <summary>What WhatIf promises is what happens.</summary>
    private static async Task CheckAsync(BulkRegistrationService service, string id, CancellationToken cancellationToken)
    {
        if (await service.GetAsync(id, cancellationToken) is { Status: not BulkRegistrationStatus.Interrupted } task)
            throw CdfErrorCode.Conflict.Error($"Task {id} is {task.Status}: there is nothing to resume.");
    }
}
