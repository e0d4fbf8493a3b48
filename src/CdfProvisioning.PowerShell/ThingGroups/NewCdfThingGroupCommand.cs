using System.Management.Automation;
using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>Creates a thing group, at the top or in another group.</summary>
/// <remarks>
/// <para>A group's parent cannot be changed later. Templates add things to groups that exist; they do not make them.</para>
/// </remarks>
/// <example>
/// <para>Create a factory with a hall in it</para>
/// <code>
/// New-CdfThingGroup factory-7 -Attribute @{ country = 'DE' }
/// New-CdfThingGroup factory-7-hall-1 -ParentGroup factory-7
/// </code>
/// </example>
[Cmdlet(VerbsCommon.New, "CdfThingGroup", SupportsShouldProcess = true)]
[OutputType(typeof(ThingGroupInfo))]
public sealed class NewCdfThingGroupCommand : CdfCmdlet
{
    /// <summary>The group's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ThingGroupName", "GroupName")]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = string.Empty;

    /// <summary>The group in which the new one is to be.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ParentGroupName")]
    [ArgumentCompleter(typeof(ThingGroupCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ParentGroup { get; set; }

    /// <summary>What the group is for.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Description { get; set; }

    /// <summary>Attributes of the group, name to value.</summary>
    [Parameter]
    [DeviceParameters]
    public IReadOnlyDictionary<string, string>? Attribute { get; set; }

    private protected override object? Target => Name;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        if (!ShouldProcess(Name, "Create thing group"))
            return;

        var properties = new ThingGroupProperties(Description, Attribute is null ? null : new AttributePayload(Attribute));
        await registry.InvokeAsync(new CreateThingGroupRequest(Name, ParentGroup, properties), cancellationToken);
        WriteVerbose($"Created thing group '{Name}'.");
        WriteObject(await ThingGroupInfo.ReadAsync(registry, Name, cancellationToken));
    }
}
