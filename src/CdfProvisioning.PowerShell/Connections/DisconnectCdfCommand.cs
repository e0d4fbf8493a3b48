using System.Management.Automation;

namespace CdfProvisioning.PowerShell;

/// <summary>Closes this session's connections.</summary>
/// <remarks>
/// <para>
/// Lists that it is registering are interrupted: Resume-CdfBulkRegistration goes on with them. A server that was started
/// over the connection goes on with it, and so do lists, until Stop-CdfServer.
/// </para>
/// </remarks>
/// <example>
/// <para>Close the registry, so that its folder can be moved</para>
/// <code>Disconnect-Cdf</code>
/// </example>
[Cmdlet(VerbsCommunications.Disconnect, "Cdf")]
public sealed class DisconnectCdfCommand : CdfCmdlet
{
    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (!await (Connection is null ? SessionConnection.Current.CloseAsync() : SessionConnection.Current.CloseAsync(Connection)))
            WriteWarning("A server still uses the registry, which stays open until then: Stop-CdfServer stops it.");
    }
}
