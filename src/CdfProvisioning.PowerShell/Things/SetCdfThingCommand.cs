using System.Management.Automation;
using CdfProvisioning.Fleet;

namespace CdfProvisioning.PowerShell;

/// <summary>Changes things that exist: attributes, type, groups, billing group.</summary>
/// <remarks>
/// <para>
/// Attributes are merged with those that a thing has, an empty value taking one away; with ReplaceAttributes the thing has just those
/// given. A name that does not exist is an error, never a new thing. What cannot be changed leaves the thing as it was, on the embedded
/// registry; on AWS the changes are calls of their own, made in the order in which they are named here.
/// </para>
/// </remarks>
/// <example>
/// <para>Move the devices of a hall to another site</para>
/// <code>Get-CdfThing -Group hall-1 | Set-CdfThing -Attribute @{ site = 'ulm' } -AddGroup hall-2 -RemoveGroup hall-1</code>
/// </example>
[Cmdlet(VerbsCommon.Set, "CdfThing", SupportsShouldProcess = true)]
[OutputType(typeof(Thing))]
public sealed class SetCdfThingCommand : CdfCmdlet
{
    /// <summary>The names of the things, or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ThingName")]
    [ArgumentCompleter(typeof(ThingNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Attributes, name to value; an empty value takes the attribute away.</summary>
    [Parameter]
    [DeviceParameters]
    public IReadOnlyDictionary<string, string>? Attribute { get; set; }

    /// <summary>Takes all other attributes away.</summary>
    [Parameter]
    public SwitchParameter ReplaceAttributes { get; set; }

    /// <summary>The thing type; an empty text takes it away.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ThingTypeCompleter))]
    [AllowEmptyString]
    public string? ThingType { get; set; }

    /// <summary>Thing groups to add the things to.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ThingGroupCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] AddGroup { get; set; } = [];

    /// <summary>Thing groups to take the things out of.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ThingGroupCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] RemoveGroup { get; set; } = [];

    /// <summary>The billing group; an empty text takes the things out of theirs.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(BillingGroupCompleter))]
    [AllowEmptyString]
    public string? BillingGroup { get; set; }

    /// <summary>Emits the things as they are afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(cancellationToken);
        var change = new ThingChange
        {
            Attributes = Attribute,
            ReplacesAttributes = ReplaceAttributes,
            ThingType = ThingType,
            AddGroups = AddGroup,
            RemoveGroups = RemoveGroup,
            BillingGroup = BillingGroup,
        };
        await ForEachMatchAsync(
            Name,
            prefix => connection.Things.ListNamesAsync(prefix, cancellationToken),
            async name =>
            {
                var plan = await change.DescribeAsync(connection.Registry, name, cancellationToken);
                if (!ShouldProcess($"thing '{name}'", plan))
                    return;
                await change.ApplyAsync(connection.Registry, name, cancellationToken);
                WriteVerbose($"Thing '{name}': {plan}.");
                if (PassThru)
                    WriteObject(Readable.Of(await connection.Things.GetAsync(name, cancellationToken)));
            });
    }
}
