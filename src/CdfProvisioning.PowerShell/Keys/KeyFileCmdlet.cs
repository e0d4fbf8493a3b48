using System.Management.Automation;
using System.Net;
using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Keys;

namespace CdfProvisioning.PowerShell;

/// <summary>A command over a key file, as lists write it with KeyFile, encrypted or not.</summary>
public abstract class KeyFileCmdlet : CdfCmdlet
{
    /// <summary>The certificate of the recipient for whom the file was encrypted (KeyRecipient): a PEM file, or a PFX file that has its private key too.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Certificate { get; set; }

    /// <summary>The private key of that certificate, a PEM file. Not needed where the file of the certificate has it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? PrivateKey { get; set; }

    /// <summary>The password of the private key, if it has one.</summary>
    [Parameter]
    [ValidateNotNull]
    public SecureString? Password { get; set; }

    /// <summary>The lines of a key file.</summary>
    private protected IEnumerable<KeyLine> Read(string path)
    {
        using var holder = Certificate is null ? null : Load(ResolvePath(Certificate));
        foreach (var line in KeyFile.Read(path, holder))
            yield return line;
    }

    private X509Certificate2 Load(string path)
    {
        var key = PrivateKey is null ? null : ResolvePath(PrivateKey);
        var password = Password is null ? null : new NetworkCredential("", Password).Password;
        try
        {
            if (X509Certificate2.GetCertContentType(path) == X509ContentType.Pfx)
                return X509CertificateLoader.LoadPkcs12FromFile(path, password, X509KeyStorageFlags.EphemeralKeySet | X509KeyStorageFlags.Exportable);
            return password is null ? X509Certificate2.CreateFromPemFile(path, key) : X509Certificate2.CreateFromEncryptedPemFile(path, password, key);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw CdfErrorCode.InvalidRequest.Error(
                $"The certificate and private key of the recipient cannot be read from '{path}'{(key is null ? "" : $" and '{key}'")}: {e.Message} Give PEM files (-Certificate, -PrivateKey) or one PFX file, and the password if there is one.", e);
        }
    }
}
