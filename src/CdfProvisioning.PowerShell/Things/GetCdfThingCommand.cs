using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Gets things with their certificates, policies and groups.</summary>
/// <remarks>
/// <para>Names may be patterns. Without a name, all things are got, or those of a type or a group.</para>
/// </remarks>
/// <example>
/// <para>All things whose name starts with sensor-1</para>
/// <code>Get-CdfThing sensor-1*</code>
/// </example>
/// <example>
/// <para>The things of a group whose certificate is not active</para>
/// <code>Get-CdfThing -Group factory-7 | Where-Object { $_.Certificates.CertificateStatus -ne 'ACTIVE' }</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "CdfThing")]
[OutputType(typeof(Thing))]
public sealed class GetCdfThingCommand : GetByNameCmdlet
{
    /// <summary>Names or patterns of things.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ThingName")]
    [ArgumentCompleter(typeof(ThingNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Only things of this type, for patterns.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ThingTypeCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ThingType { get; set; }

    /// <summary>Only direct members of this thing group, for patterns.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ThingGroupCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Group { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var things = (await ConnectionAsync(cancellationToken)).Things;
        await WriteByNameAsync(
            Name,
            () => things.ListNamesAsync(ThingType, Group, cancellationToken),
            name => things.GetAsync(name, cancellationToken));
    }
}
