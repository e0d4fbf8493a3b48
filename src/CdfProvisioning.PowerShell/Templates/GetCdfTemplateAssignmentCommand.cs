using System.Management.Automation;
using CdfProvisioning.Hierarchies;

namespace CdfProvisioning.PowerShell;

/// <summary>Gets the assignments of templates to places in a hierarchy.</summary>
/// <remarks>
/// <para>Ids may be patterns. Without an id, all assignments are got. Which of them counts at a place, Resolve-CdfTemplate tells.</para>
/// </remarks>
/// <example>
/// <para>Where is a template assigned?</para>
/// <code>(Get-CdfTemplateAssignment sensor).GroupPath</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "CdfTemplateAssignment")]
[OutputType(typeof(TemplateAssignment))]
public sealed class GetCdfTemplateAssignmentCommand : CdfCmdlet
{
    /// <summary>Ids or patterns of templates.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(TemplateIdCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? TemplateId { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var patterns = (TemplateId ?? ["*"]).Select(id => WildcardPattern.Get(id, WildcardOptions.IgnoreCase)).ToList();
        await foreach (var assignment in (await ConnectionAsync(cancellationToken)).TemplateAssignments.ListAsync(cancellationToken))
        {
            if (patterns.Exists(pattern => pattern.IsMatch(assignment.TemplateId)))
                WriteObject(assignment);
        }
    }
}
