using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Forgets tasks that are over, and the results of their rows.</summary>
/// <remarks>
/// <para>What has been registered stays, and so do the keys. Of things that the task has registered it is not known any more which task it was. Tasks that AWS runs for others cannot be removed.</para>
/// </remarks>
/// <example>
/// <para>Forget what was completed more than a month ago</para>
/// <code>Get-CdfBulkRegistration | Where-Object { $_.Status -eq 'Completed' -and $_.LastModifiedDate -lt (Get-Date).AddMonths(-1) } | Remove-CdfBulkRegistration -Force</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "CdfBulkRegistration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveCdfBulkRegistrationCommand : CdfCmdlet
{
    /// <summary>The ids of the tasks, or patterns of ids; patterns match tasks that are over.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TaskIdCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] TaskId { get; set; } = [];

    /// <summary>Does not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var service = (await ConnectionAsync(cancellationToken)).BulkRegistrations;
        await ForEachMatchAsync(
            TaskId,
            _ => service.ListAsync(cancellationToken).Where(IsOver).Select(task => task.TaskId),
            async id =>
            {
                var task = await service.GetAsync(id, cancellationToken);
                if (!IsOver(task))
                    throw CdfErrorCode.Conflict.Error($"Task {id} is {task.Status}: Stop-CdfBulkRegistration {id} ends it, and then it can be removed.");
                if (!ShouldProcess($"{id}, {task.Status}, {task.RowCount} rows", "Remove bulk registration task and its results", isAsked: !Force))
                    return;

                await service.RemoveAsync(id, cancellationToken);
                WriteVerbose($"Removed task {id}.");
            });
    }

    private static bool IsOver(BulkRegistrationTask task) =>
        task.Status is BulkRegistrationStatus.Completed or BulkRegistrationStatus.Cancelled or BulkRegistrationStatus.Failed;
}
