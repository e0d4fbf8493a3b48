using System.Management.Automation;
using CdfProvisioning.Fleet;

namespace CdfProvisioning.PowerShell;

/// <summary>Changes what a policy allows, for all devices that have it.</summary>
/// <remarks>
/// <para>
/// The document becomes a new version of the policy, and the default one, which counts at once. A policy has at most five versions:
/// the oldest one that is not the default goes. The plan (-WhatIf) shows the statements that change and how many certificates and
/// groups have the policy. A document that is the default already changes nothing.
/// </para>
/// </remarks>
/// <example>
/// <para>See what a new document would change, and for how many</para>
/// <code>Set-CdfPolicy sensors -Path ./sensors.policy.json -WhatIf</code>
/// </example>
[Cmdlet(VerbsCommon.Set, "CdfPolicy", SupportsShouldProcess = true, DefaultParameterSetName = "Document")]
[OutputType(typeof(PolicyInfo))]
public sealed class SetCdfPolicyCommand : PolicyDocumentCmdlet
{
    /// <summary>The policy's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("PolicyName")]
    [ArgumentCompleter(typeof(PolicyNameCompleter))]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>Emits the policy as it is afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override object? Target => Name;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var registry = (await ConnectionAsync(cancellationToken)).Registry;
        var change = await PolicyChange.ReadAsync(registry, Name, await ReadDocumentAsync(cancellationToken), cancellationToken);
        if (change.IsNone)
            WriteVerbose($"Policy '{Name}' has this document already.");
        else if (ShouldProcess($"policy '{Name}'", change.ToString()))
        {
            await change.ApplyAsync(registry, cancellationToken);
            WriteVerbose($"Policy '{Name}': {change}.");
        }
        else
        {
            return;
        }
        if (PassThru)
            WriteObject(await PolicyInfo.ReadAsync(registry, Name, cancellationToken));
    }
}
