using System.Management.Automation;
using CdfProvisioning.Local;

namespace CdfProvisioning.PowerShell;

/// <summary>Opens the embedded registry of a folder, for this session.</summary>
/// <remarks>
/// <para>
/// Without this command the registry in the folder that the environment variable CDF_HOME names is used, or else the
/// one in the platform's data folder. A folder that has no registry yet gets one. A connection that is already open is
/// closed, and lists that it is registering are interrupted: Resume-CdfBulkRegistration goes on with them. Servers that
/// run go on with the connection they were started over.
/// </para>
/// </remarks>
/// <example>
/// <para>Keep a project's devices beside the project</para>
/// <code>Connect-Cdf -Path ./registry -Region eu-central-1</code>
/// </example>
[Cmdlet(VerbsCommunications.Connect, "Cdf")]
[OutputType(typeof(ConnectionInfo))]
public sealed class ConnectCdfCommand : CdfCmdlet
{
    /// <summary>The folder of the registry, its templates and its CA keys; made if missing. The default is CDF_HOME or the platform's data folder.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The AWS region that ARNs name; us-east-1 if not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Region { get; set; } = "us-east-1";

    /// <summary>The AWS account, 12 digits, that ARNs name; 123456789012 if not given.</summary>
    [Parameter]
    [ValidatePattern("^[0-9]{12}$")]
    public string AccountId { get; set; } = "123456789012";

    /// <summary>Waits for the disk at each commit, so that a power failure loses nothing that was reported as done. Slower.</summary>
    [Parameter]
    public SwitchParameter FullSync { get; set; }

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var folder = Path is null ? DataFolder.Default : ResolvePath(Path);
        var connection = await SessionConnection.Current.OpenAsync(
            new LocalBackendOptions(folder, AccountId, Region, FullSync), cancellationToken);
        WriteVerbose($"Opened the embedded registry of '{connection.Info.Path}'.");
        WriteObject(connection.Info);
    }
}
