using System.Management.Automation;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;

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
/// <example>
/// <para>A group of all sensors of a site, whichever these are when it is asked for</para>
/// <code>New-CdfThingGroup ulm-sensors -Query 'attributes.site:ulm AND thingTypeName:sensor' -Tag @{ team = 'field' }</code>
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

    /// <summary>
    /// Makes a dynamic group: the things that this query finds, in AWS IoT's query syntax, such as
    /// <c>attributes.site:ulm AND thingTypeName:sensor</c>. It has no parent, and no policies can be attached to it.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("QueryString")]
    [ValidateNotNullOrEmpty]
    public string? Query { get; set; }

    /// <summary>Tags of the group, key to value.</summary>
    [Parameter]
    [DeviceParameters]
    public IReadOnlyDictionary<string, string>? Tag { get; set; }

    private protected override object? Target => Name;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        if (!ShouldProcess(Name, "Create thing group"))
            return;

        var properties = new ThingGroupProperties(Description, Attribute is null ? null : new AttributePayload(Attribute));
        if (Query is null)
            await registry.InvokeAsync(new CreateThingGroupRequest(Name, ParentGroup, properties, Tag.ToTags()), cancellationToken);
        else if (ParentGroup is not null)
            throw CdfErrorCode.InvalidRequest.Error($"Thing group '{Name}' cannot be in another group and have a query: a dynamic group is in no other. Leave out -ParentGroup or -Query.");
        else
            await registry.InvokeAsync(new CreateDynamicThingGroupRequest(Name, Query, properties, Tags: Tag.ToTags()), cancellationToken);
        WriteVerbose($"Created thing group '{Name}'.");
        WriteObject(await ThingGroupInfo.ReadAsync(registry, Name, cancellationToken));
    }
}
