using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Server;

namespace CdfProvisioning.PowerShell;

/// <summary>The servers that a session has started, which end with it; each keeps the connection open that it was started over.</summary>
internal sealed class SessionServers
{
    /// <summary>A session that is being closed does not wait long for clients.</summary>
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(2);

    /// <summary>systemd kills after 90 seconds (DefaultTimeoutStopSec), a container's host earlier.</summary>
    private static readonly TimeSpan TerminationTime = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<CdfServer, SharedConnection> _servers = [];
    private readonly Action _close;
    private PosixSignalRegistration? _termination;

    /// <param name="close">Closes what the servers leave open: lists are interrupted, so that they can be resumed.</param>
    public SessionServers(Action close) => _close = close;

    public IReadOnlyList<CdfServer> All => [.. _servers.Keys.OrderBy(server => server.Info.Port)];

    /// <param name="options">Where to listen, and for whom.</param>
    /// <param name="connection">Released when the server has stopped, or cannot start.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="CdfException">As from <see cref="CdfServer.StartAsync"/>.</exception>
    public async Task<CdfServer> StartAsync(ServerOptions options, SharedConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            var server = await CdfServer.StartAsync(options, connection.Connection, cancellationToken);
            _servers[server] = connection;
            _termination ??= PosixSignalRegistration.Create(PosixSignal.SIGTERM, Terminate);
            return server;
        }
        catch
        {
            await connection.ReleaseAsync();
            throw;
        }
    }

    /// <summary>Stops a server, if it has not been stopped.</summary>
    /// <param name="server">One of this session.</param>
    /// <param name="cancellationToken">Aborts the requests that it is serving.</param>
    public async Task StopAsync(CdfServer server, CancellationToken cancellationToken)
    {
        if (!_servers.TryRemove(server, out var connection))
            return;
        await server.StopAsync(cancellationToken);
        await connection.ReleaseAsync();
    }

    public async Task CloseAsync()
    {
        _termination?.Dispose();
        using var closing = new CancellationTokenSource(ClosingTime);
        await Task.WhenAll(All.Select(server => StopAsync(server, closing.Token)));
    }

    /// <summary>A process with servers that is told to end (SIGTERM) ends as Stop-CdfServer ends them: what is being served is served.</summary>
    private void Terminate(PosixSignalContext context)
    {
        context.Cancel = true;
        _ = Task.Run(async () =>
        {
            using var limit = new CancellationTokenSource(TerminationTime);
            await Task.WhenAll(All.Select(server => StopAsync(server, limit.Token)));
            _close();
            Environment.Exit(0);
        });
    }
}
