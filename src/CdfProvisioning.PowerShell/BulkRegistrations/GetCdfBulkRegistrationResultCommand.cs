using System.Management.Automation;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>Gets what became of each device of a list.</summary>
/// <remarks>
/// <para>
/// Results can be read while the task is running. Private keys are not among them. The result of a device that could not be
/// registered also has the device's parameters, so that the results, as CSV, are a list to try again.
/// </para>
/// </remarks>
/// <example>
/// <para>Why devices could not be registered</para>
/// <code>Get-CdfBulkRegistrationResult -TaskId $task.TaskId -Failed | Group-Object ErrorCode</code>
/// </example>
/// <example>
/// <para>Make a list of the devices that could not be registered</para>
/// <code>Get-CdfBulkRegistrationResult $task.TaskId -Failed | Export-Csv ./again.csv</code>
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
                    WriteObject(result.Parameters is null ? result : WithParameters(result, result.Parameters));
            });
    }

    /// <summary>A parameter counts before a property of the same name: ThingName may be what the template makes a name of.</summary>
    private static PSObject WithParameters(BulkRegistrationResult result, IReadOnlyDictionary<string, string> parameters)
    {
        var with = PSObject.AsPSObject(result);
        foreach (var name in GivenParameters.NamesOf(parameters))
            with.Properties.Add(new PSNoteProperty(name, parameters.GetValueOrDefault(name)), preValidated: true);

        return with;
    }
}
