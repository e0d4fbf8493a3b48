using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using CdfProvisioning.Embedded;

namespace CdfProvisioning.PowerShell;

/// <summary>
/// A runspace's connections: its own, opened when first needed, and further ones that commands name. They are closed with the
/// runspace or the module, after the session's servers.
/// </summary>
internal sealed class SessionConnection
{
    private static readonly ConditionalWeakTable<Runspace, SessionConnection> Sessions = [];

    /// <summary>How what Connect-Cdf gave is opened again, by whichever session.</summary>
    private static readonly ConditionalWeakTable<ConnectionInfo, Func<CancellationToken, ValueTask<Connection>>> Openers = [];

    private readonly Dictionary<ConnectionInfo, SharedConnection> _others = new(ReferenceEqualityComparer.Instance);

    private SharedConnection? _connection;
    private string? _failure;
    private string? _warning;
    private bool _isEnding;

    private SessionConnection(Runspace runspace)
    {
        Servers = new(End);
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

    /// <summary>The session's own connection; if there is none, the embedded registry of the user's data folder is opened.</summary>
    /// <exception cref="CdfException">Unavailable: the last Connect-Cdf failed.</exception>
    public ValueTask<Connection> GetAsync(CancellationToken cancellationToken) => GetAsync(named: null, cancellationToken);

    /// <summary>A connection by what Connect-Cdf gave, opened again if need be; or the session's own.</summary>
    public async ValueTask<Connection> GetAsync(ConnectionInfo? named, CancellationToken cancellationToken) =>
        (await FindAsync(named, cancellationToken)).Connection;

    /// <summary>A connection, for someone who may use it longer than the session does.</summary>
    public async ValueTask<SharedConnection> ShareAsync(ConnectionInfo? named, CancellationToken cancellationToken) =>
        (await FindAsync(named, cancellationToken)).Share();

    /// <summary>Opens the session's own connection, in the place of the present one. If that fails the session has none: what is meant for one registry never happens in another.</summary>
    public async ValueTask<Connection> OpenAsync(Func<CancellationToken, ValueTask<Connection>> open, CancellationToken cancellationToken)
    {
        Connection opened;
        try
        {
            opened = await open(cancellationToken);
        }
        catch (Exception e)
        {
            await CloseOwnAsync();
            _failure = e.Message;
            throw;
        }

        await CloseOwnAsync();
        Use(opened, open);
        return opened;
    }

    /// <summary>What there is to tell of how the connection was chosen, once.</summary>
    public string? TakeWarning() => Interlocked.Exchange(ref _warning, null);

    /// <summary>Lets go of one of the connections.</summary>
    /// <returns>Whether it is closed now: a server may use it still.</returns>
    public ValueTask<bool> CloseAsync(ConnectionInfo named) =>
        ReferenceEquals(named, _connection?.Connection.Info) ? CloseOwnAsync()
        : _others.Remove(named, out var other) ? other.ReleaseAsync()
        : ValueTask.FromResult(true);

    /// <summary>Lets go of all connections.</summary>
    /// <returns>Whether they are closed now: a server may use one still.</returns>
    public async ValueTask<bool> CloseAsync()
    {
        var isClosed = await CloseOwnAsync();
        foreach (var named in _others.Keys.ToList())
            isClosed &= await CloseAsync(named);
        return isClosed;
    }

    /// <summary>For PowerShell's callbacks, which cannot wait in any other way.</summary>
    public void Close() => Task.Run(async () =>
    {
        await Servers.CloseAsync();
        await CloseAsync();
    }).GetAwaiter().GetResult();

    /// <summary>Closes everything because the process is told to end: what a script still does until then happens in no other registry.</summary>
    private void End()
    {
        _isEnding = true;
        Close();
    }

    private ValueTask<bool> CloseOwnAsync()
    {
        _failure = null;
        return Interlocked.Exchange(ref _connection, null)?.ReleaseAsync() ?? ValueTask.FromResult(true);
    }

    private async ValueTask<SharedConnection> FindAsync(ConnectionInfo? named, CancellationToken cancellationToken)
    {
        if (named is null || ReferenceEquals(named, _connection?.Connection.Info))
            return _connection ?? await OpenDefaultAsync(cancellationToken);
        if (_others.TryGetValue(named, out var other))
            return other;
        return Openers.TryGetValue(named, out var open)
            ? _others[named] = new(await open(cancellationToken))
            : throw CdfErrorCode.InvalidRequest.Error($"'{named}' is the description of a connection, and not one of this process: Connect-Cdf -PassThru gives one for -Connection.");
    }

    private async ValueTask<SharedConnection> OpenDefaultAsync(CancellationToken cancellationToken)
    {
        if (_isEnding)
            throw CdfErrorCode.Unavailable.Error("This session has no connection any more: its process was told to end.");
        if (_failure is not null)
            throw CdfErrorCode.Unavailable.Error($"This session has no connection, since the last Connect-Cdf failed ({_failure.TrimEnd('.')}). Connect-Cdf connects it; Disconnect-Cdf has it use the embedded registry again.");
        Func<CancellationToken, ValueTask<Connection>> open = token => EmbeddedBackend.OpenAsync(
            new EmbeddedBackendOptions(DataFolder.Default, Provisioning: ProvisioningSettings.FromEnvironment(), KeyHolders: KeyHolders.Embedded(pin: null)), token);
        var opened = await open(cancellationToken);
        if (AwsSession.VariablesInEnvironment() is { Length: > 0 } variables)
            _warning = $"{variables} is set, and this is the embedded registry in '{opened.Info.Path}' all the same: Connect-Cdf -Aws connects to AWS.";
        return Use(opened, open);
    }

    private SharedConnection Use(Connection opened, Func<CancellationToken, ValueTask<Connection>> open)
    {
        Openers.AddOrUpdate(opened.Info, open);
        return _connection = new(opened);
    }
}
