using CdfProvisioning.Local.Files;

namespace CdfProvisioning.PowerShell;

/// <summary>A device's key and certificate as files, named as AWS IoT's console names them, readable by their owner alone.</summary>
internal static class KeyFiles
{
    public static async Task WriteAsync(string folder, ProvisionResponse response, CancellationToken cancellationToken)
    {
        // A thing's name may have colons, a Windows file's may not.
        var name = Path.Combine(folder, response.ThingName!.Replace(":", "%3A", StringComparison.Ordinal));
        try
        {
            PrivateFiles.CreateFolder(folder);
            if (response.PrivateKey is not null)
                await PrivateFiles.WriteAsync($"{name}.private.pem.key", response.PrivateKey, cancellationToken);
            if (response.CertificatePem is not null)
                await PrivateFiles.WriteAsync($"{name}.certificate.pem.crt", response.CertificatePem, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CdfException(
                CdfErrorCode.Unavailable,
                $"Thing '{response.ThingName}' is registered, but its key cannot be written to '{folder}' and is in the output instead: {exception.Message}",
                exception);
        }
    }
}
