using System.Management.Automation;
using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>Deletes thing groups. Things in them stay.</summary>
/// <remarks>
/// <para>A group that has groups in it cannot be deleted.</para>
/// </remarks>
/// <example>
/// <para>Delete a group</para>
/// <code>Remove-CdfThingGroup factory-7-hall-1</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "CdfThingGroup", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveCdfThingGroupCommand : RemoveByNameCmdlet
{
    /// <summary>The names of the groups, or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ThingGroupName", "GroupName")]
    [ArgumentCompleter(typeof(ThingGroupCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        await RemoveByNameAsync(
            "thing group",
            Name,
            prefix => registry.NamesAsync(NamedResource.ThingGroup, prefix, cancellationToken),
            name => registry.InvokeAsync(new DescribeThingGroupRequest(name), cancellationToken),
            async (name, group) =>
            {
                if (group.QueryString is null)
                    await registry.InvokeAsync(new DeleteThingGroupRequest(name), cancellationToken);
                else
                    await registry.InvokeAsync(new DeleteDynamicThingGroupRequest(name), cancellationToken);
            });
    }
}
