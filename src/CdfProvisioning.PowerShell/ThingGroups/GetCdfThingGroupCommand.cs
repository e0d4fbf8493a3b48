using System.Management.Automation;
using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>Gets thing groups.</summary>
/// <remarks>
/// <para>Names may be patterns. Without a name, all groups are got.</para>
/// </remarks>
/// <example>
/// <para>The groups directly in a group</para>
/// <code>Get-CdfThingGroup | Where-Object ParentGroupName -eq factory-7</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "CdfThingGroup")]
[OutputType(typeof(ThingGroupInfo))]
public sealed class GetCdfThingGroupCommand : GetByNameCmdlet
{
    /// <summary>Names or patterns of groups.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ThingGroupName", "GroupName")]
    [ArgumentCompleter(typeof(ThingGroupCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        await WriteByNameAsync(
            Name,
            prefix => registry.NamesAsync(NamedResource.ThingGroup, prefix, cancellationToken),
            name => ThingGroupInfo.ReadAsync(registry, name, cancellationToken));
    }
}
