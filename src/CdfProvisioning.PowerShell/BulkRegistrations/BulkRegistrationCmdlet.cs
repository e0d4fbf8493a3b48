using System.Management.Automation;
using CdfProvisioning.Lists;

namespace CdfProvisioning.PowerShell;

/// <summary>The base of the commands that may wait for a list to be registered.</summary>
public abstract class BulkRegistrationCmdlet : CdfCmdlet
{
    /// <summary>Waits for the task with progress shown, and warns of what did not go well.</summary>
    private protected async Task<BulkRegistrationTask> WaitAsync(
        BulkRegistrationService service, string taskId, CancellationToken cancellationToken)
    {
        var progress = new BulkRegistrationProgress();
        var isWaiting = true;
        var task = await service.WaitAsync(
            taskId,
            new Progress<BulkRegistrationTask>(task =>
            {
                if (isWaiting)
                    WriteProgress(progress.Of(task));
            }),
            cancellationToken);
        isWaiting = false;

        WriteProgress(new ProgressRecord(0, "Registering devices", "done") { RecordType = ProgressRecordType.Completed });
        if (task.Message is not null)
            WriteWarning($"Task {taskId} is {task.Status}: {task.Message}");
        if (task.FailureCount > 0)
            WriteWarning($"{task.FailureCount} of {task.RowCount} devices could not be registered. Why: Get-CdfBulkRegistrationResult -TaskId {taskId} -Failed");
        return task;
    }

    /// <summary>Waits for a task that this command has set going: Ctrl+C interrupts it, and it can be resumed.</summary>
    private protected async Task<BulkRegistrationTask> WaitOrInterruptAsync(
        BulkRegistrationService service, string taskId, CancellationToken cancellationToken)
    {
        try
        {
            return await WaitAsync(service, taskId, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await service.InterruptAsync(taskId, CancellationToken.None);
            throw;
        }
    }
}
