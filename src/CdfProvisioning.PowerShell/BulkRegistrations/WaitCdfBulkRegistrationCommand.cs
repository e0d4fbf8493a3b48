using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Waits until tasks are over, and emits them.</summary>
/// <remarks>
/// <para>Ctrl+C ends the waiting only. A task of another process can be waited for as well.</para>
/// </remarks>
/// <example>
/// <para>Wait for all tasks that are running</para>
/// <code>Get-CdfBulkRegistration | Where-Object Status -eq InProgress | Wait-CdfBulkRegistration</code>
/// </example>
[Cmdlet(VerbsLifecycle.Wait, "CdfBulkRegistration")]
[OutputType(typeof(BulkRegistrationTask))]
public sealed class WaitCdfBulkRegistrationCommand : BulkRegistrationCmdlet
{
    /// <summary>The ids of the tasks.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TaskIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] TaskId { get; set; } = [];

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var service = (await ConnectionAsync(cancellationToken)).BulkRegistrations;
        await ForEachAsync(TaskId, async id => WriteObject(await WaitAsync(service, id, cancellationToken)));
    }
}
