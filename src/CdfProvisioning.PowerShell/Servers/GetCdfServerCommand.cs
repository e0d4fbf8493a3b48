using System.Management.Automation;
using CdfProvisioning.Server;

namespace CdfProvisioning.PowerShell;

/// <summary>Gets the servers of this session, with the requests that they have answered.</summary>
/// <remarks>
/// <para>Verbose shows the requests that were answered since they were last shown, up to the latest thousand.</para>
/// </remarks>
/// <example>
/// <para>What has been asked, and how it was answered?</para>
/// <code>(Get-CdfServer).Requests</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "CdfServer")]
[OutputType(typeof(ServerInfo))]
public sealed class GetCdfServerCommand : ServerCmdlet
{
    /// <summary>The ports of the servers; all if not given.</summary>
    [Parameter(Position = 0)]
    public int[]? Port { get; set; }

    private protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        foreach (var server in Find(Port))
        {
            WriteRequests(server);
            WriteObject(server.Info);
        }

        return Task.CompletedTask;
    }
}
