using System.Management.Automation;
using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>The base of the commands that change who is in a thing group.</summary>
public abstract class ThingGroupMemberCmdlet : CdfCmdlet
{
    /// <summary>The thing group.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("ThingGroupName", "GroupName")]
    [ArgumentCompleter(typeof(ThingGroupCompleter))]
    [ValidateNotNullOrEmpty]
    public string Group { get; set; } = "";

    /// <summary>The names of the things, or patterns.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ThingNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] ThingName { get; set; } = [];

    private protected async Task ChangeAsync<T>(string action, Func<string, IIotRequest<T>> request, CancellationToken cancellationToken)
    {
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        await ForEachMatchAsync(
            ThingName,
            prefix => registry.NamesAsync(NamedResource.Thing, prefix, cancellationToken),
            async name =>
            {
                await registry.InvokeAsync(new DescribeThingRequest(name), cancellationToken);
                if (!ShouldProcess($"thing '{name}'", $"{action} group '{Group}'"))
                    return;
                await registry.InvokeAsync(request(name), cancellationToken);
                WriteVerbose($"Thing '{name}': {action} group '{Group}'.");
            });
    }
}

/// <summary>Adds things to a thing group.</summary>
/// <remarks>
/// <para>A thing that is in the group already stays in it. Groups in which a query puts things take none by hand.</para>
/// </remarks>
/// <example>
/// <para>Add the devices of a site to a group</para>
/// <code>Get-CdfThing -Attribute @{ site = 'ulm' } | Add-CdfThingGroupMember ulm</code>
/// </example>
[Cmdlet(VerbsCommon.Add, "CdfThingGroupMember", SupportsShouldProcess = true)]
public sealed class AddCdfThingGroupMemberCommand : ThingGroupMemberCmdlet
{
    private protected override Task ProcessAsync(CancellationToken cancellationToken) =>
        ChangeAsync("Add to", name => new AddThingToThingGroupRequest(Group, ThingName: name), cancellationToken);
}

/// <summary>Takes things out of a thing group.</summary>
/// <remarks>
/// <para>The things themselves stay, and so do the other groups in which they are.</para>
/// </remarks>
/// <example>
/// <para>Take a device out of a group</para>
/// <code>Remove-CdfThingGroupMember ulm sensor-1</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "CdfThingGroupMember", SupportsShouldProcess = true)]
public sealed class RemoveCdfThingGroupMemberCommand : ThingGroupMemberCmdlet
{
    private protected override Task ProcessAsync(CancellationToken cancellationToken) =>
        ChangeAsync("Remove from", name => new RemoveThingFromThingGroupRequest(Group, ThingName: name), cancellationToken);
}
