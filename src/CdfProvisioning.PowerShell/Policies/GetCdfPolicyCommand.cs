using System.Management.Automation;
using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>Gets policies with their documents.</summary>
/// <remarks>
/// <para>Names may be patterns. Without a name, all policies are got.</para>
/// </remarks>
/// <example>
/// <para>Read a policy's document</para>
/// <code>(Get-CdfPolicy sensors).PolicyDocument</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "CdfPolicy")]
[OutputType(typeof(PolicyInfo))]
public sealed class GetCdfPolicyCommand : GetByNameCmdlet
{
    /// <summary>Names or patterns of policies.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PolicyName")]
    [ArgumentCompleter(typeof(PolicyNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        await WriteByNameAsync(
            Name,
            prefix => registry.NamesAsync(NamedResource.Policy, prefix, cancellationToken),
            name => PolicyInfo.ReadAsync(registry, name, cancellationToken));
    }
}
