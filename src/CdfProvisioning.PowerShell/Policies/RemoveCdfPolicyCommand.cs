using System.Management.Automation;
using CdfProvisioning.Iot;

namespace CdfProvisioning.PowerShell;

/// <summary>Deletes policies.</summary>
/// <remarks>
/// <para>A policy that is attached to a certificate or a group cannot be deleted.</para>
/// </remarks>
/// <example>
/// <para>Delete a policy</para>
/// <code>Remove-CdfPolicy sensors</code>
/// </example>
[Cmdlet(VerbsCommon.Remove, "CdfPolicy", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveCdfPolicyCommand : RemoveByNameCmdlet
{
    /// <summary>The names of the policies, or patterns.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PolicyName")]
    [ArgumentCompleter(typeof(PolicyNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        await RemoveByNameAsync(
            "policy",
            Name,
            prefix => registry.NamesAsync(NamedResource.Policy, prefix, cancellationToken),
            name => registry.InvokeAsync(new GetPolicyRequest(name), cancellationToken),
            async (name, _) => await registry.InvokeAsync(new DeletePolicyRequest(name), cancellationToken));
    }
}
