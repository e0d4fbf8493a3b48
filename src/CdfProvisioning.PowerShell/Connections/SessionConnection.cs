using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using CdfProvisioning.Local;

namespace CdfProvisioning.PowerShell;

/// <summary>A runspace's connection: opened when first needed, closed with the runspace or the module.</summary>
internal sealed class SessionConnection
{
    private static readonly ConditionalWeakTable<Runspace, SessionConnection> Sessions = [];

    private Connection? _connection;

    private SessionConnection(Runspace runspace) => runspace.StateChanged += (_, change) =>
    {
        if (change.RunspaceStateInfo.State is RunspaceState.Closing or RunspaceState.Closed or RunspaceState.Broken)
            Close();
    };

    /// <summary>That of the runspace whose pipeline the calling thread runs.</summary>
    public static SessionConnection Current => Sessions.GetValue(Runspace.DefaultRunspace, runspace => new SessionConnection(runspace));

    /// <summary>The connection; if there is none, the embedded registry of the user's data folder is opened.</summary>
    public async ValueTask<Connection> GetAsync(CancellationToken cancellationToken) =>
        _connection ??= await LocalBackend.OpenAsync(
            new LocalBackendOptions(DataFolder.Default, Provisioning: ProvisioningSettings.FromEnvironment()), cancellationToken);

    /// <summary>Opens another connection, and closes the present one if that succeeded.</summary>
    public async ValueTask<Connection> OpenAsync(LocalBackendOptions options, CancellationToken cancellationToken)
    {
        var opened = await LocalBackend.OpenAsync(options, cancellationToken);
        await CloseAsync();
        return _connection = opened;
    }

    public ValueTask CloseAsync() => Interlocked.Exchange(ref _connection, null)?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>For PowerShell's callbacks, which cannot wait in any other way.</summary>
    public void Close() => Task.Run(async () => await CloseAsync()).GetAwaiter().GetResult();
}
