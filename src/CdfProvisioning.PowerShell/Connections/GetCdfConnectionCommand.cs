using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Tells which registry this session uses.</summary>
/// <remarks>
/// <para>If none is open yet, this opens the one that the other commands would use.</para>
/// </remarks>
/// <example>
/// <para>Where are the templates kept?</para>
/// <code>(Get-CdfConnection).TemplateLocation</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "CdfConnection")]
[OutputType(typeof(ConnectionInfo))]
public sealed class GetCdfConnectionCommand : CdfCmdlet
{
    private protected override async Task ProcessAsync(CancellationToken cancellationToken) =>
        WriteObject((await ConnectionAsync(cancellationToken)).Info);
}
