using System.Management.Automation;
using CdfProvisioning.Embedded.Registry;

namespace CdfProvisioning.PowerShell;

/// <summary>Writes the root certificate that devices have to trust in order to connect to the embedded registry's server.</summary>
/// <remarks>
/// <para>
/// It stands for Amazon's root: each registry has one of its own, made when it is first needed, and the certificate with
/// which Start-CdfServer -DevicePort shows itself comes from it. It is no secret; its key stays with those of CAs.
/// </para>
/// </remarks>
/// <example>
/// <para>Connect with mosquitto</para>
/// <code>
/// Export-CdfRootCertificate ./root.pem
/// mosquitto_pub -h localhost -p 8883 --cafile ./root.pem --cert ./sensor-1.pem --key ./sensor-1.key -i sensor-1 -t sensors/sensor-1 -m 21.5
/// </code>
/// </example>
[Cmdlet(VerbsData.Export, "CdfRootCertificate", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportCdfRootCertificateCommand : CdfCmdlet
{
    /// <summary>The PEM file to write.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = string.Empty;

    /// <summary>Replaces a file that is there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override object? Target => Path;

    private protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if ((await ConnectionAsync(cancellationToken)).Registry is not EmbeddedRegistry registry)
            throw CdfErrorCode.InvalidRequest.Error("AWS's own root certificate is Amazon's (https://www.amazontrust.com/repository/AmazonRootCA1.pem); only an embedded registry has one to export.");
        var path = ResolvePath(Path);
        if (File.Exists(path) && !Force)
            throw CdfErrorCode.Conflict.Error($"There is a file '{path}' already: name another, or replace it with -Force.");
        if (!ShouldProcess(path, "Write the root certificate"))
            return;
        var root = await registry.ServerRootAsync(cancellationToken);
        try
        {
            await File.WriteAllTextAsync(path, root.Certificate.Pem, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CdfErrorCode.Unavailable.Error($"The file '{path}' cannot be written: {e.Message}", e);
        }

        WriteObject(new FileInfo(path));
    }
}
