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
public sealed class RemoveCdfThingGroupCommand : CdfCmdlet
{
    /// <summary>The names of the groups, or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ThingGroupName", "GroupName")]
    [ArgumentCompleter(typeof(ThingGroupCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Does not ask.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        await ForEachMatchAsync(
            Name,
            () => registry.ThingGroupsAsync(namePrefix: null, cancellationToken).Select(group => group.GroupName!),
            async name =>
            {
                // AWS IoT deletes a group that does not exist without a word; a mistyped name should not pass.
                var group = await registry.InvokeAsync(new DescribeThingGroupRequest(name), cancellationToken);
                if (!ShouldProcess(name, "Remove thing group", isAsked: !Force))
                    return;
                if (group.QueryString is null)
                    await registry.InvokeAsync(new DeleteThingGroupRequest(name), cancellationToken);
                else
                    await registry.InvokeAsync(new DeleteDynamicThingGroupRequest(name), cancellationToken);
                WriteVerbose($"Removed thing group '{name}'.");
            });
    }
}
