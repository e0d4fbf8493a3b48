using System.Management.Automation;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;

namespace CdfProvisioning.PowerShell;

/// <summary>Says of a task that was waited for what did not go well.</summary>
internal static class BulkRegistrationFailures
{
    private const int Reasons = 3;

    /// <returns>Null if all devices have been registered, or somebody has stopped the task.</returns>
    public static async ValueTask<ErrorRecord?> FindAsync(BulkRegistrationService service, BulkRegistrationTask task, CancellationToken cancellationToken)
    {
        if (task.Status is BulkRegistrationStatus.InProgress or BulkRegistrationStatus.Cancelling)
            return null;
        if (task.Status is BulkRegistrationStatus.Failed or BulkRegistrationStatus.Interrupted)
            return Record(IotErrorType.ServiceUnavailable, $"Task {task.TaskId} is {task.Status}: {task.Message ?? $"its process has ended. Resume-CdfBulkRegistration {task.TaskId} goes on with it."}");
        if (task.FailureCount == 0)
            return null;

        var reasons = await service.ResultsAsync(task.TaskId, failedOnly: true, cancellationToken)
            .Take(Reasons)
            .Select(result => $"row {result.Row}{(result.ThingName is null ? "" : $" ({result.ThingName})")}: {result.Error}")
            .ToListAsync(cancellationToken);
        return Record(
            IotErrorType.ResourceRegistrationFailure,
            $"Task {task.TaskId}: {task.FailureCount} of {task.RowCount} {(task.IsIssuance ? "certificates could not be made" : "devices could not be registered")}. {string.Join(' ', reasons)} "
            + $"Get-CdfBulkRegistrationResult {task.TaskId} -Failed tells of {(task.FailureCount > reasons.Count ? "all of them" : "them again, with their parameters")}.");

        ErrorRecord Record(IotErrorType type, string message) => type.Error(message).ToErrorRecord(task.TaskId);
    }
}
