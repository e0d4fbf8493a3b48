using System.Management.Automation;
using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>Deprecates and deletes thing types.</summary>
/// <remarks>
/// <para>AWS IoT deletes a thing type five minutes after its deprecation at the earliest: run this again then. A type that things still have cannot be deleted.</para>
/// </remarks>
/// <example>
/// <para>Delete a thing type</para>
/// <code>Remove-CdfThingType thermometer</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "CdfThingType", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveCdfThingTypeCommand : RemoveByNameCmdlet
{
    /// <summary>The names of the thing types, or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ThingTypeName")]
    [ArgumentCompleter(typeof(ThingTypeCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        await RemoveByNameAsync(
            "thing type",
            Name,
            prefix => registry.NamesAsync(NamedResource.ThingType, prefix, cancellationToken),
            name => registry.InvokeAsync(new DescribeThingTypeRequest(name), cancellationToken),
            async (name, type) =>
            {
                if (type.ThingTypeMetadata?.Deprecated != true)
                    await registry.InvokeAsync(new DeprecateThingTypeRequest(name), cancellationToken);
                await registry.InvokeAsync(new DeleteThingTypeRequest(name), cancellationToken);
            });
    }
}
