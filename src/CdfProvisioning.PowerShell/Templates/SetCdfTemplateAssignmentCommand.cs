using System.Management.Automation;
using CdfProvisioning.Hierarchies;

namespace CdfProvisioning.PowerShell;

/// <summary>Assigns a template to a place in a hierarchy of groups.</summary>
/// <remarks>
/// <para>
/// The template then applies to devices in that group and in those below it, where no other assignment is more specific.
/// With several paths it applies to devices that are, for each of the paths, in that group or below. A template may have
/// several assignments; setting one that there is changes nothing.
/// </para>
/// </remarks>
/// <example>
/// <para>One template for a region, another for one of its factories</para>
/// <code>
/// Set-CdfTemplateAssignment sensor /europe
/// Set-CdfTemplateAssignment sensor-ulm /europe/ulm
/// </code>
/// </example>
[Cmdlet(VerbsCommon.Set, "CdfTemplateAssignment", SupportsShouldProcess = true)]
[OutputType(typeof(TemplateAssignment))]
public sealed class SetCdfTemplateAssignmentCommand : CdfCmdlet
{
    /// <summary>The id of the template.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TemplateIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string TemplateId { get; set; } = string.Empty;

    /// <summary>The path of the group, such as /europe/ulm, or several paths that all have to be the device's; / stands for everywhere.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(GroupPathCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] GroupPath { get; set; } = [];

    /// <summary>Emits the assignment.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override object? Target => TemplateId;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var assignments = (await ConnectionAsync(cancellationToken)).TemplateAssignments;
        if (!ShouldProcess($"{new TemplateAssignment(TemplateId, GroupPath)}", "Assign template"))
            return;

        var assignment = await assignments.SetAsync(TemplateId, GroupPath, cancellationToken);
        WriteVerbose($"Assigned template {assignment}.");
        if (PassThru)
            WriteObject(assignment);
    }
}
