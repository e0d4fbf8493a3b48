using System.Management.Automation;
using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>Gets thing types.</summary>
/// <remarks>
/// <para>Names may be patterns. Without a name, all thing types are got.</para>
/// </remarks>
/// <example>
/// <para>All thing types that are still in use</para>
/// <code>Get-CdfThingType | Where-Object -not Deprecated</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "CdfThingType")]
[OutputType(typeof(ThingTypeInfo))]
public sealed class GetCdfThingTypeCommand : GetByNameCmdlet
{
    /// <summary>Names or patterns of thing types.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ThingTypeName")]
    [ArgumentCompleter(typeof(ThingTypeCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        await WriteByNameAsync(
            Name,
            prefix => registry.NamesAsync(NamedResource.ThingType, prefix, cancellationToken),
            name => ThingTypeInfo.ReadAsync(registry, name, cancellationToken));
    }
}
