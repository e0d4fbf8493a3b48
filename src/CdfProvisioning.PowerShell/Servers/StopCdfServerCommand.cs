using System.Management.Automation;
using CdfProvisioning.Server;

namespace CdfProvisioning.PowerShell;

/// <summary>Stops servers of this session.</summary>
/// <remarks>
/// <para>
/// They accept no more requests, and finish those that they are serving: at most for 30 seconds, or until Ctrl+C. Lists
/// that are being registered go on as long as the session is connected to their registry.
/// </para>
/// </remarks>
/// <example>
/// <para>Stop all servers</para>
/// <code>Stop-CdfServer</code>
/// </example>
[Cmdlet(VerbsLifecycle.Stop, "CdfServer", SupportsShouldProcess = true)]
[OutputType(typeof(ServerInfo))]
public sealed class StopCdfServerCommand : ServerCmdlet
{
    /// <summary>The ports of the servers; all if not given.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    public int[]? Port { get; set; }

    /// <summary>Emits the servers as they were at their end.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var server in Find(Port))
        {
            var address = server.Info.Address;
            if (!ShouldProcess($"{address}", "Stop server"))
                continue;

            await Servers.StopAsync(server, cancellationToken);
            WriteRequests(server);
            WriteVerbose($"Stopped the server at {address}.");
            if (PassThru)
                WriteObject(server.Info);
        }
    }
}
