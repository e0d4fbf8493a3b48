using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Gets the tasks that register lists of devices.</summary>
/// <remarks>
/// <para>Ids may be patterns. Without an id, all tasks are got: those of this computer, then those that AWS runs for others; oldest first.</para>
/// </remarks>
/// <example>
/// <para>The tasks that can be resumed</para>
/// <code>Get-CdfBulkRegistration | Where-Object Status -eq Interrupted</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "CdfBulkRegistration")]
[OutputType(typeof(BulkRegistrationTask))]
public sealed class GetCdfBulkRegistrationCommand : GetByNameCmdlet
{
    /// <summary>Ids, or patterns of ids, of tasks.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TaskIdCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? TaskId { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var service = (await ConnectionAsync(cancellationToken)).BulkRegistrations;
        await WriteByNameAsync(
            TaskId,
            () => service.ListAsync(cancellationToken),
            task => task.TaskId,
            id => service.GetAsync(id, cancellationToken));
    }
}
