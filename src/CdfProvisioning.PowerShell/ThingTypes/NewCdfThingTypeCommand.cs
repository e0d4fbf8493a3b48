using System.Management.Automation;
using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>Creates a thing type, which things of one kind share.</summary>
/// <remarks>
/// <para>Things with a type may have up to 50 attributes, those without only three.</para>
/// </remarks>
/// <example>
/// <para>Create a thing type</para>
/// <code>New-CdfThingType -Name thermometer -Description 'Measures, does not act' -SearchableAttribute model, firmware</code>
/// </example>
[Cmdlet(VerbsCommon.New, "CdfThingType", SupportsShouldProcess = true)]
[OutputType(typeof(ThingTypeInfo))]
public sealed class NewCdfThingTypeCommand : CdfCmdlet
{
    /// <summary>The thing type's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ThingTypeName")]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = string.Empty;

    /// <summary>What the things of this type are.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Description { get; set; }

    /// <summary>Up to three attributes by which the registry can search things of this type.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? SearchableAttribute { get; set; }

    /// <summary>Tags of the thing type, key to value.</summary>
    [Parameter]
    [DeviceParameters]
    public IReadOnlyDictionary<string, string>? Tag { get; set; }

    private protected override object? Target => Name;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        if (!ShouldProcess(Name, "Create thing type"))
            return;

        var properties = new ThingTypeProperties(Description, SearchableAttribute);
        await registry.InvokeAsync(new CreateThingTypeRequest(Name, properties, Tag.ToTags()), cancellationToken);
        WriteVerbose($"Created thing type '{Name}'.");
        WriteObject(await ThingTypeInfo.ReadAsync(registry, Name, cancellationToken));
    }
}
