using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Waits until tasks are over, and emits them.</summary>
/// <remarks>
/// <para>A task of which devices could not be registered is an error, after the task itself. Ctrl+C ends the waiting only. A task of another process can be waited for as well.</para>
/// </remarks>
/// <example>
/// <para>Wait for all tasks that are running</para>
/// <code>Get-CdfBulkRegistration | Where-Object Status -eq InProgress | Wait-CdfBulkRegistration</code>
/// </example>
[Cmdlet(VerbsLifecycle.Wait, "CdfBulkRegistration")]
[OutputType(typeof(BulkRegistrationTask))]
public sealed class WaitCdfBulkRegistrationCommand : BulkRegistrationCmdlet
{
    /// <summary>The ids of the tasks, or patterns of ids.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TaskIdCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] TaskId { get; set; } = [];

    /// <summary>For how long to wait, in seconds or as a time span; as long as it takes if not given.</summary>
    [Parameter]
    [TimeoutArgument]
    public TimeSpan? Timeout { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var service = (await ConnectionAsync(cancellationToken)).BulkRegistrations;
        await ForEachMatchAsync(
            TaskId,
            _ => service.ListAsync(cancellationToken).Select(task => task.TaskId),
            async id =>
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                if (Timeout is { } timeout)
                    patience.CancelAfter(timeout);
                try
                {
                    await WriteEndAsync(service, await WaitAsync(service, id, patience.Token), cancellationToken);
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    var task = await service.GetAsync(id, cancellationToken);
                    WriteObject(task);
                    WriteError(new ErrorRecord(
                        CdfErrorCode.Unavailable.Error($"Task {id} is {task.Status} after {Timeout!.Value.TotalSeconds:0.###} seconds: {task.SuccessCount + task.FailureCount} of {task.RowCount} devices are done. It goes on."),
                        "Timeout", ErrorCategory.OperationTimeout, id));
                }
            });
    }
}

/// <summary>A time span, or a number of seconds, as in Wait-Job.</summary>
internal sealed class TimeoutArgumentAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        LanguagePrimitives.TryConvertTo<double>(inputData is PSObject wrapper ? wrapper.BaseObject : inputData, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 1e9
            ? TimeSpan.FromSeconds(seconds)
            : inputData;
}
