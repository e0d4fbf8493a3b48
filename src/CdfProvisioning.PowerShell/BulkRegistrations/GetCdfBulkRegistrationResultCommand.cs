using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Gets what became of each device of a list.</summary>
/// <remarks>
/// <para>Results can be read while the task is running. Private keys are not among them.</para>
/// </remarks>
/// <example>
/// <para>Why devices could not be registered</para>
/// <code>Get-CdfBulkRegistrationResult -TaskId $task.TaskId -Failed | Group-Object ErrorCode</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "CdfBulkRegistrationResult")]
[OutputType(typeof(BulkRegistrationResult))]
public sealed class GetCdfBulkRegistrationResultCommand : CdfCmdlet
{
    /// <summary>The ids of the tasks.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TaskIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] TaskId { get; set; } = [];

    /// <summary>Only the devices that could not be registered.</summary>
    [Parameter]
    public SwitchParameter Failed { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var service = (await ConnectionAsync(cancellationToken)).BulkRegistrations;
        await ForEachAsync(
            TaskId,
            async id =>
            {
                await foreach (var result in service.ResultsAsync(id, Failed, cancellationToken))
                    WriteObject(result);
            });
    }
}
