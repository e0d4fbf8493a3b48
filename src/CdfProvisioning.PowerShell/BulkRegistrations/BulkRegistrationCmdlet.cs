using System.Management.Automation;
using CdfProvisioning.Lists;

namespace CdfProvisioning.PowerShell;

/// <summary>The base of the commands that may wait for a list to be registered.</summary>
public abstract class BulkRegistrationCmdlet : CdfCmdlet
{
    /// <summary>Waits for the task with progress shown.</summary>
    private protected async Task<BulkRegistrationTask> WaitAsync(
        BulkRegistrationService service, string taskId, CancellationToken cancellationToken)
    {
        var progress = new BulkRegistrationProgress();
        var isWaiting = true;
        try
        {
            return await service.WaitAsync(
                taskId,
                new Progress<BulkRegistrationTask>(task =>
                {
                    if (isWaiting)
                        WriteProgress(progress.Of(task));
                }),
                cancellationToken);
        }
        finally
        {
            isWaiting = false;
            if (!cancellationToken.IsCancellationRequested)
                WriteProgress(BulkRegistrationProgress.Completed);
        }
    }

    /// <summary>Waits for a task that this command has set going: Ctrl+C interrupts it, and says how to go on.</summary>
    private protected async Task<BulkRegistrationTask> WaitOrInterruptAsync(
        BulkRegistrationService service, string taskId, CancellationToken cancellationToken)
    {
        try
        {
            return await WaitAsync(service, taskId, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            var task = await service.InterruptAsync(taskId, CancellationToken.None);
            Host.UI.WriteWarningLine(task.Status == BulkRegistrationStatus.Interrupted // the command itself may write nothing any more
                ? $"Task {taskId} is Interrupted after {task.SuccessCount + task.FailureCount} of {task.RowCount} devices. Resume-CdfBulkRegistration {taskId} goes on with it."
                : $"Task {taskId} is {task.Status}. Get-CdfBulkRegistration {taskId} shows how it stands.");
            throw;
        }
    }

    /// <summary>Writes a task that this command has set going: as a job that follows it, when it has been waited for, or as it is.</summary>
    private protected async Task WriteStartedAsync(Connection connection, BulkRegistrationTask task, bool asJob, bool isWaitedFor, CancellationToken cancellationToken)
    {
        var service = connection.BulkRegistrations;
        if (asJob)
        {
            var job = new BulkRegistrationJob(service, task, MyInvocation.Line, $"{connection.Info}");
            JobRepository.Add(job);
            WriteObject(job);
        }
        else if (isWaitedFor)
        {
            await WriteEndAsync(service, await WaitOrInterruptAsync(service, task.TaskId, cancellationToken), cancellationToken);
        }
        else
        {
            WriteObject(task);
        }
    }

    /// <summary>Writes a task that was waited for, and then, as an error, what did not go well.</summary>
    private protected async Task WriteEndAsync(BulkRegistrationService service, BulkRegistrationTask task, CancellationToken cancellationToken)
    {
        WriteObject(task);
        if (await BulkRegistrationFailures.FindAsync(service, task, cancellationToken) is { } failure)
            WriteError(failure);
    }
}
