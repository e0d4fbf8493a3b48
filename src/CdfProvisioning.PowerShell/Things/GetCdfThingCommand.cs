using System.Management.Automation;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.PowerShell;

/// <summary>Gets things with their certificates, policies and groups.</summary>
/// <remarks>
/// <para>Names may be patterns. Without a name, all things are got, or those of a type or a group, which may also be piped.</para>
/// </remarks>
/// <example>
/// <para>All things whose name starts with sensor-1</para>
/// <code>Get-CdfThing sensor-1*</code>
/// </example>
/// <example>
/// <para>The things of a group whose certificate is not active</para>
/// <code>Get-CdfThing -Group factory-7 | Where-Object { $_.Certificates.CertificateStatus -ne 'ACTIVE' }</code>
/// </example>
/// <example>
/// <para>The things of a site, wherever they are in the groups of a factory</para>
/// <code>Get-CdfThing -Group factory-7 -Recurse -Attribute @{ site = 'ulm' }</code>
/// </example>
/// <example>
/// <para>The things of all groups of a factory</para>
/// <code>Get-CdfThingGroup factory-7-* | Get-CdfThing</code>
/// </example>
/// <example>
/// <para>The things that a query of the registry's index finds, in AWS IoT's query syntax</para>
/// <code>Get-CdfThing -Query 'attributes.site:ulm AND thingTypeName:sensor'</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "CdfThing", DefaultParameterSetName = ByName)]
[OutputType(typeof(Thing))]
public sealed class GetCdfThingCommand : GetByNameCmdlet
{
    private const string ByName = "Name";
    private const string OfGroup = "InputGroup";
    private const string OfType = "InputType";
    private const string Found = "Query";

    /// <summary>Names or patterns of things.</summary>
    [Parameter(ParameterSetName = ByName, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = OfGroup, Position = 0)]
    [Parameter(ParameterSetName = OfType, Position = 0)]
    [Alias("ThingName")]
    [ArgumentCompleter(typeof(ThingNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Only things of this type, for patterns.</summary>
    [Parameter(ParameterSetName = ByName)]
    [Parameter(ParameterSetName = OfGroup)]
    [ArgumentCompleter(typeof(ThingTypeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ThingType { get; set; }

    /// <summary>Only direct members of this thing group, for patterns.</summary>
    [Parameter(ParameterSetName = ByName)]
    [Parameter(ParameterSetName = OfType)]
    [ArgumentCompleter(typeof(ThingGroupCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Group { get; set; }

    /// <summary>With a group, also the members of the groups below it.</summary>
    [Parameter(ParameterSetName = ByName)]
    [Parameter(ParameterSetName = OfGroup)]
    [Parameter(ParameterSetName = OfType)]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Only things that have all of these attributes, name to value, for patterns.</summary>
    [Parameter(ParameterSetName = ByName)]
    [Parameter(ParameterSetName = OfGroup)]
    [Parameter(ParameterSetName = OfType)]
    [DeviceParameters]
    public IReadOnlyDictionary<string, string>? Attribute { get; set; }

    /// <summary>A group from Get-CdfThingGroup, in place of its name.</summary>
    [Parameter(ParameterSetName = OfGroup, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public ThingGroupInfo? InputGroup { get; set; }

    /// <summary>A thing type from Get-CdfThingType, in place of its name.</summary>
    [Parameter(ParameterSetName = OfType, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public ThingTypeInfo? InputType { get; set; }

    /// <summary>
    /// Only things that this query of the index finds: terms such as <c>thingName:s-1*</c>, <c>attributes.size:[1 TO 5]</c> or
    /// <c>thingGroupNames:north</c>, with AND, OR, NOT and parentheses. On AWS, fleet indexing has to be switched on.
    /// </summary>
    [Parameter(ParameterSetName = Found, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string? Query { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var things = (await ConnectionAsync(cancellationToken)).Things;
        await WriteByNameAsync(
            Name,
            prefix => Query is not null ? things.SearchNamesAsync(Query, cancellationToken) : ListNamesAsync(things, prefix, cancellationToken),
            async name => Readable.Of(await things.GetAsync(name, cancellationToken)));
    }

    private IAsyncEnumerable<string> ListNamesAsync(ThingService things, string prefix, CancellationToken cancellationToken)
    {
        var type = InputType?.ThingTypeName ?? ThingType;
        var group = InputGroup?.ThingGroupName ?? Group;
        return type is null && group is null && Attribute is null
            ? things.ListNamesAsync(prefix, cancellationToken)
            : things.ListNamesAsync(type, group, Recurse, Attribute, cancellationToken);
    }
}
