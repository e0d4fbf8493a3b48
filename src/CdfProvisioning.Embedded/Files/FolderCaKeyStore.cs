using CdfProvisioning.Certificates;
using CdfProvisioning.Files;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Embedded.Files;

/// <summary>CA keys as PKCS#8 files <c>cdf-ca-key-&lt;caId&gt;.pem</c>, readable by their owner alone.</summary>
internal sealed class FolderCaKeyStore(RegistryFolder folder) : ICaKeyStore
{
    private const string What = "The CA key file";

    public async ValueTask<string?> FindAsync(string caId, CancellationToken cancellationToken)
    {
        var path = PathOf(caId);
        try
        {
            return File.Exists(path) ? await File.ReadAllTextAsync(path, cancellationToken) : null;
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotRead(What, path, e);
        }
    }

    public async ValueTask PutAsync(string caId, string privateKeyPem, CancellationToken cancellationToken)
    {
        var path = PathOf(caId);
        try
        {
            PrivateFiles.CreateFolder(folder.Path);
            await PrivateFiles.WriteAsync(path, privateKeyPem, cancellationToken);
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite(What, path, e);
        }
    }

    public ValueTask RemoveAsync(string caId, CancellationToken cancellationToken)
    {
        PrivateFiles.TryDelete(What, PathOf(caId));
        return default;
    }

    private string PathOf(string caId)
    {
        IotNames.CheckCertificateId(caId);
        return Path.Combine(folder.Path, $"cdf-ca-key-{caId}.pem");
    }
}
