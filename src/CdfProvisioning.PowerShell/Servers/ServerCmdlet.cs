using System.Management.Automation;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Server;

namespace CdfProvisioning.PowerShell;

/// <summary>The base of the commands that work on the session's servers.</summary>
public abstract class ServerCmdlet : CdfCmdlet
{
    private bool IsVerbose => MyInvocation.BoundParameters.TryGetValue("Verbose", out var bound)
        ? ((SwitchParameter)bound).IsPresent
        : GetVariableValue("VerbosePreference") is not ActionPreference.SilentlyContinue;

    private protected static SessionServers Servers => SessionConnection.Current.Servers;

    /// <summary>The servers at these ports, or all; a port without one is an error.</summary>
    private protected IEnumerable<CdfServer> Find(int[]? ports)
    {
        var servers = Servers.All;
        if (ports is null)
            return servers;

        foreach (var port in ports.Except(servers.Select(server => server.Info.Port)))
            WriteError(CdfErrorCode.NotFound.Error($"This session has no server at port {port}. It has: {Ports(servers)}.").ToErrorRecord(port));
        return servers.Where(server => ports.Contains(server.Info.Port));
    }

    /// <summary>Shows the requests that were answered since they were last shown, up to the latest thousand.</summary>
    private protected void WriteRequests(CdfServer server)
    {
        while (IsVerbose && server.Journal.TryRead(out var request))
            WriteVerbose(request.ToString());
    }

    private static string Ports(IReadOnlyList<CdfServer> servers) =>
        servers.Count == 0 ? "none" : string.Join(", ", servers.Select(server => server.Info.Port));
}
