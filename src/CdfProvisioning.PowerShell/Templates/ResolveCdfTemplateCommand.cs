using System.Management.Automation;
using CdfProvisioning.Hierarchies;

namespace CdfProvisioning.PowerShell;

/// <summary>Tells which template applies at a place in a hierarchy, or to a device.</summary>
/// <remarks>
/// <para>
/// An assignment applies where all of its paths are the device's groups or groups above them. The one that names the most
/// groups, those above included, counts; if that is not one, the error lists the candidates. With a CDF Asset Library
/// (Connect-Cdf -AssetLibraryUrl) its policies of type ProvisioningTemplate are asked.
/// </para>
/// </remarks>
/// <example>
/// <para>Which template applies in a factory?</para>
/// <code>(Resolve-CdfTemplate -GroupPath /europe/ulm).TemplateId</code>
/// </example>
/// <example>
/// <para>Which template would a registered device get now?</para>
/// <code>Get-CdfThing sensor-1 | Resolve-CdfTemplate</code>
/// </example>
[Cmdlet(VerbsDiagnostic.Resolve, "CdfTemplate", DefaultParameterSetName = "GroupPath")]
[OutputType(typeof(TemplateAssignment))]
public sealed class ResolveCdfTemplateCommand : CdfCmdlet
{
    /// <summary>The paths of the groups in which the device is, such as /europe/ulm.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "GroupPath")]
    [ArgumentCompleter(typeof(GroupPathCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] GroupPath { get; set; } = [];

    /// <summary>The name of a registered thing, whose thing groups count.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Thing", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ThingName")]
    [ArgumentCompleter(typeof(ThingNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Thing { get; set; }

    private protected override object? Target => Thing ?? string.Join(' ', GroupPath);

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var assignments = (await ConnectionAsync(cancellationToken)).TemplateAssignments;
        WriteObject(Thing is null
            ? await assignments.ResolveAsync(GroupPath, cancellationToken)
            : await assignments.ResolveForThingAsync(Thing, cancellationToken));
    }
}
