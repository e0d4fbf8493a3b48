using System.Management.Automation;
using CdfProvisioning.Lists;

namespace CdfProvisioning.PowerShell;

/// <summary>A PowerShell job that follows a task. Stop-Job interrupts the task, so that it can be resumed; Remove-Job leaves it alone.</summary>
internal sealed class BulkRegistrationJob : Job
{
    private readonly BulkRegistrationService _service;
    private readonly string _taskId;
    private readonly string _registry;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _following;
    private string _status = "";

    public BulkRegistrationJob(BulkRegistrationService service, BulkRegistrationTask task, string command, string registry)
        : base(command, $"CdfBulkRegistration {task.TaskId}")
    {
        _service = service;
        _taskId = task.TaskId;
        _registry = registry;
        PSJobTypeName = "CdfBulkRegistration";
        SetJobState(JobState.Running);
        _following = Task.Run(FollowAsync);
    }

    public override bool HasMoreData => Output.Count + Error.Count > 0;

    public override string Location => _registry;

    public override string StatusMessage => _status;

    public override void StopJob()
    {
        _stop.Cancel();
        _following.Wait(); // PowerShell's own way to stop a job does not know of tasks
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _stop.Dispose();
        base.Dispose(disposing);
    }

    private async Task FollowAsync()
    {
        var progress = new BulkRegistrationProgress();
        try
        {
            var task = await _service.WaitAsync(
                _taskId,
                new Progress<BulkRegistrationTask>(task =>
                {
                    var record = progress.Of(task);
                    _status = record.StatusDescription;
                    if (Progress.IsOpen)
                        Progress.Add(record);
                }),
                _stop.Token);
            await EndAsync(task);
        }
        catch (OperationCanceledException)
        {
            await EndAsync(await _service.InterruptAsync(_taskId, CancellationToken.None));
        }
        catch (CdfException e)
        {
            Error.Add(e.ToErrorRecord(_taskId));
            SetJobState(JobState.Failed);
        }
    }

    private async Task EndAsync(BulkRegistrationTask task)
    {
        Output.Add(PSObject.AsPSObject(task));
        var failure = await BulkRegistrationFailures.FindAsync(_service, task, CancellationToken.None);
        if (failure is not null)
            Error.Add(failure);
        SetJobState(_stop.IsCancellationRequested ? JobState.Stopped : failure is null ? JobState.Completed : JobState.Failed);
    }
}
