using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using CdfProvisioning.Embedded;

namespace CdfProvisioning.PowerShell;

/// <summary>A runspace's connection: opened when first needed, closed with the runspace or the module, after the session's servers.</summary>
internal sealed class SessionConnection
{
    private static readonly ConditionalWeakTable<Runspace, SessionConnection> Sessions = [];

    private SharedConnection? _connection;

    private SessionConnection(Runspace runspace)
    {
        Servers = new(Close);
        runspace.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State is RunspaceState.Closing or RunspaceState.Closed or RunspaceState.Broken)
                Close();
        };
    }

    /// <summary>That of the runspace whose pipeline the calling thread runs.</summary>
    public static SessionConnection Current => Sessions.GetValue(Runspace.DefaultRunspace, runspace => new SessionConnection(runspace));

    /// <summary>The servers that this session has started.</summary>
    public SessionServers Servers { get; }

    /// <summary>The connection; if there is none, the embedded registry of the user's data folder is opened.</summary>
    public async ValueTask<Connection> GetAsync(CancellationToken cancellationToken)
    {
        _connection ??= new(await EmbeddedBackend.OpenAsync(
            new EmbeddedBackendOptions(DataFolder.Default, Provisioning: ProvisioningSettings.FromEnvironment()), cancellationToken));
        return _connection.Connection;
    }

    /// <summary>The connection, for someone who may use it longer than the session does.</summary>
    public async ValueTask<SharedConnection> ShareAsync(CancellationToken cancellationToken)
    {
        await GetAsync(cancellationToken);
        return _connection!.Share();
    }

    /// <summary>Opens another connection, and lets go of the present one if that succeeded.</summary>
    public async ValueTask<Connection> OpenAsync(Func<CancellationToken, ValueTask<Connection>> open, CancellationToken cancellationToken)
    {
        var opened = await open(cancellationToken);
        await CloseAsync();
        _connection = new(opened);
        return opened;
    }

    /// <summary>Lets go of the connection.</summary>
    /// <returns>Whether it is closed now: a server may use it still.</returns>
    public ValueTask<bool> CloseAsync() => Interlocked.Exchange(ref _connection, null)?.ReleaseAsync() ?? ValueTask.FromResult(true);

    /// <summary>For PowerShell's callbacks, which cannot wait in any other way.</summary>
    public void Close() => Task.Run(async () =>
    {
        await Servers.CloseAsync();
        await CloseAsync();
    }).GetAwaiter().GetResult();
}
