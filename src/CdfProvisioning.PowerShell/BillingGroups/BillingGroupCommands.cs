using System.Management.Automation;
using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>A billing group.</summary>
/// <param name="BillingGroupName">The group's name.</param>
/// <param name="BillingGroupArn">The group's ARN.</param>
/// <param name="Description">What the group is for.</param>
/// <param name="Version">Counts the group's changes, the first being 1.</param>
/// <param name="CreationDate">When it was created, UTC.</param>
/// <param name="Tags">The group's tags, key to value.</param>
public sealed record BillingGroupInfo(
    string BillingGroupName, string? BillingGroupArn, string? Description, long? Version, DateTimeOffset? CreationDate, IReadOnlyDictionary<string, string> Tags)
{
    internal static async ValueTask<BillingGroupInfo> ReadAsync(IDeviceRegistry registry, string name, CancellationToken cancellationToken)
    {
        var group = await registry.InvokeAsync(new DescribeBillingGroupRequest(name), cancellationToken);
        return new(
            group.BillingGroupName ?? name, group.BillingGroupArn, group.BillingGroupProperties?.BillingGroupDescription, group.Version,
            group.BillingGroupMetadata?.CreationDate, await registry.TagsAsync(group.BillingGroupArn, cancellationToken));
    }
}

/// <summary>Creates a billing group: things in it are billed together, by its tags.</summary>
/// <remarks>
/// <para>A billing group sums up the costs of its things: a thing is in one at most.</para>
/// </remarks>
/// <example>
/// <para>Create a billing group</para>
/// <code>New-CdfBillingGroup plant-7 -Tag @{ costCentre = '4711' }</code>
/// </example>
[Cmdlet(VerbsCommon.New, "CdfBillingGroup", SupportsShouldProcess = true)]
[OutputType(typeof(BillingGroupInfo))]
public sealed class NewCdfBillingGroupCommand : CdfCmdlet
{
    /// <summary>The group's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("BillingGroupName")]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>What the group is for.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Description { get; set; }

    /// <summary>Tags of the group, key to value.</summary>
    [Parameter]
    [DeviceParameters]
    public IReadOnlyDictionary<string, string>? Tag { get; set; }

    private protected override object? Target => Name;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        if (!ShouldProcess(Name, "Create billing group"))
            return;
        await registry.InvokeAsync(
            new CreateBillingGroupRequest(Name, Description is null ? null : new BillingGroupProperties(Description), Tag.ToTags()), cancellationToken);
        WriteVerbose($"Created billing group '{Name}'.");
        WriteObject(await BillingGroupInfo.ReadAsync(registry, Name, cancellationToken));
    }
}

/// <summary>Gets billing groups.</summary>
/// <remarks>
/// <para>Names may be patterns. Without a name, all billing groups are got.</para>
/// </remarks>
/// <example>
/// <para>All billing groups</para>
/// <code>Get-CdfBillingGroup</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "CdfBillingGroup")]
[OutputType(typeof(BillingGroupInfo))]
public sealed class GetCdfBillingGroupCommand : GetByNameCmdlet
{
    /// <summary>Names or patterns of billing groups.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("BillingGroupName")]
    [ArgumentCompleter(typeof(BillingGroupCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        await WriteByNameAsync(
            Name,
            _ => registry.BillingGroupsAsync(namePrefix: null, cancellationToken).Select(group => group.GroupName!),
            name => BillingGroupInfo.ReadAsync(registry, name, cancellationToken));
    }
}

/// <summary>Deletes billing groups. Their things stay, and are billed with no group.</summary>
/// <remarks>
/// <para>The costs of their things are then no longer told apart from those of others.</para>
/// </remarks>
/// <example>
/// <para>Delete a billing group</para>
/// <code>Remove-CdfBillingGroup plant-7</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "CdfBillingGroup", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveCdfBillingGroupCommand : RemoveByNameCmdlet
{
    /// <summary>The names of the billing groups, or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("BillingGroupName")]
    [ArgumentCompleter(typeof(BillingGroupCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        await RemoveByNameAsync(
            "billing group",
            Name,
            _ => registry.BillingGroupsAsync(namePrefix: null, cancellationToken).Select(group => group.GroupName!),
            name => registry.InvokeAsync(new DescribeBillingGroupRequest(name), cancellationToken),
            async (name, _) => await registry.InvokeAsync(new DeleteBillingGroupRequest(name), cancellationToken));
    }
}
