using System.Management.Automation;
using CdfProvisioning.Hierarchies;

namespace CdfProvisioning.PowerShell;

/// <summary>Takes a template's assignment to a place in a hierarchy away.</summary>
/// <remarks>
/// <para>The template itself stays, and so do devices that were registered with it.</para>
/// </remarks>
/// <example>
/// <para>Take all assignments of a template away</para>
/// <code>Get-CdfTemplateAssignment sensor | Remove-CdfTemplateAssignment</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "CdfTemplateAssignment", SupportsShouldProcess = true)]
public sealed class RemoveCdfTemplateAssignmentCommand : CdfCmdlet
{
    /// <summary>The id of the template.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TemplateIdCompleter))]
    [ValidateNotNullOrEmpty]
    public string TemplateId { get; set; } = string.Empty;

    /// <summary>The paths of groups of the assignment, all of them.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(GroupPathCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] GroupPath { get; set; } = [];

    private protected override object? Target => TemplateId;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var assignments = (await ConnectionAsync(cancellationToken)).TemplateAssignments;
        var assignment = new TemplateAssignment(TemplateId, GroupPath);
        if (!await assignments.ListAsync(cancellationToken).AnyAsync(other => AssignmentKey.Of(other) == AssignmentKey.Of(assignment), cancellationToken))
            throw CdfErrorCode.NotFound.Error($"Template {assignment} has no such assignment. Get-CdfTemplateAssignment lists those there are.");
        if (!ShouldProcess($"{assignment}", "Remove template assignment"))
            return;

        await assignments.RemoveAsync(assignment, cancellationToken);
        WriteVerbose($"Removed the assignment of template {assignment}.");
    }
}
