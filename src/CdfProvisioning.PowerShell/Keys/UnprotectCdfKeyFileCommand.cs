using System.Management.Automation;
using CdfProvisioning.Files;

namespace CdfProvisioning.PowerShell;

/// <summary>Decrypts a key file that was written for its recipient alone.</summary>
/// <remarks>
/// <para>
/// Start-CdfBulkRegistration with KeyFile and KeyRecipient encrypts the keys of devices for the holder of a certificate, a CMS block
/// a batch. This writes their lines in the clear, a JSON object a device (row, thing, certificateId, certificatePem, privateKeyPem), to a
/// file that only you can read. Without this module, openssl does the same for each block: openssl cms -decrypt -inform PEM.
/// </para>
/// </remarks>
/// <example>
/// <para>Decrypt the keys on the machine that has the recipient's private key</para>
/// <code>Unprotect-CdfKeyFile -Path ./keys.jsonl -Certificate ./factory.pem -PrivateKey ./factory.key -Destination ./clear.jsonl</code>
/// </example>
[Cmdlet(VerbsSecurity.Unprotect, "CdfKeyFile", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class UnprotectCdfKeyFileCommand : KeyFileCmdlet
{
    /// <summary>The encrypted key file.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "KeyFile")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The file for the lines in the clear, which must not exist yet.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    private protected override object? Target => Path;

    private protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        var (path, destination) = (ResolvePath(Path), ResolvePath(Destination));
        if (!ShouldProcess(path, $"Decrypt to '{destination}'"))
            return Task.CompletedTask;

        FileStream? file = null;
        try
        {
            file = PrivateFiles.OpenNew(destination);
            foreach (var line in Read(path))
            {
                cancellationToken.ThrowIfCancellationRequested();
                file.Write(line.Encode());
            }
            file.Flush(flushToDisk: true);
            file.Dispose();
        }
        catch (Exception e)
        {
            file?.Dispose();
            if (file is not null)
                File.Delete(destination);
            if (FileFailures.IsExpected(e))
                throw FileFailures.CannotWrite("The file for the keys", destination, e);
            throw;
        }

        WriteObject(new FileInfo(destination));
        return Task.CompletedTask;
    }
}
