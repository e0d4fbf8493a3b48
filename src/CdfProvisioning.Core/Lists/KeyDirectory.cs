using System.Text;
using CdfProvisioning.Certificates;
using CdfProvisioning.Files;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Lists;

/// <summary>
/// The folder (0700) of the keys made for devices: one file (0600) a device, with its private key and its certificate. Two
/// files a device would cost many times as much and could come to disagree; what reads PEM takes each from the one file.
/// </summary>
internal sealed class KeyDirectory
{
    private KeyDirectory(string path) => Path = path;

    public string Path { get; }

    /// <summary>Makes the folder if it does not exist.</summary>
    /// <exception cref="CdfException">Unavailable.</exception>
    public static KeyDirectory Open(string path)
    {
        var keys = new KeyDirectory(System.IO.Path.GetFullPath(path));
        keys.Do(() =>
        {
            PrivateFiles.CreateFolder(keys.Path);
            return true;
        });
        return keys;
    }

    /// <summary>Finds out whether files can be written here, before there is a key to lose.</summary>
    /// <exception cref="CdfException">Unavailable.</exception>
    public void CheckWritable() => Do(() =>
    {
        using (File.OpenHandle(System.IO.Path.Combine(Path, ".writable"), FileMode.Create, FileAccess.Write, options: FileOptions.DeleteOnClose))
            return true;
    });

    /// <summary>A thing name may have colons, which file names on Windows may not.</summary>
    public string FileOf(string thingName) => System.IO.Path.Combine(Path, thingName.Replace(":", "%3A", StringComparison.Ordinal) + ".pem");

    /// <returns>False, and nothing is changed, if the device has a file already.</returns>
    public bool TryAdd(string thingName, string privateKeyPem, string certificatePem) => Do(() =>
    {
        var file = FileOf(thingName);
        FileStream stream;
        try
        {
            stream = PrivateFiles.OpenNew(file, new() { Access = FileAccess.Write, BufferSize = 0 });
        }
        catch (IOException) when (File.Exists(file))
        {
            return false;
        }
        try
        {
            using (stream)
                stream.Write(Encoding.ASCII.GetBytes(privateKeyPem + certificatePem));
            return true;
        }
        catch
        {
            File.Delete(file);
            throw;
        }
    });

    /// <summary>Removes a device's file, if it is the one with that certificate.</summary>
    public void Remove(string thingName, string certificatePem) => Do(() =>
    {
        var file = FileOf(thingName);
        if (!File.Exists(file) || !File.ReadAllText(file).EndsWith(certificatePem, StringComparison.Ordinal))
            return false;
        File.Delete(file);
        return true;
    });

    /// <summary>Writes a device's file over the one that there is.</summary>
    public void Replace(string thingName, string privateKeyPem, string certificatePem) => Do(() =>
    {
        File.Delete(FileOf(thingName));
        return TryAdd(thingName, privateKeyPem, certificatePem);
    });

    /// <summary>The id of the certificate in a device's file; null if the file was left unfinished (empty) or is gone.</summary>
    /// <exception cref="CdfException">Conflict: the file is not one of ours.</exception>
    public string? CertificateIdIn(string thingName) => Do(() =>
    {
        const string begin = "-----BEGIN CERTIFICATE-----";
        var file = FileOf(thingName);
        var text = File.Exists(file) ? File.ReadAllText(file) : "";
        if (text.Length == 0)
            return null;
        var at = text.IndexOf(begin, StringComparison.Ordinal);
        return at >= 0
            ? ParsedCertificate.FromPem(text[at..], $"The certificate in '{file}'").Id
            : throw IotErrorType.ResourceAlreadyExists.Error($"'{file}' stands where the key of thing '{thingName}' belongs, and is no such key. Move it away, or name another key folder.");
    });

    private T Do<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CdfException(CdfErrorCode.Unavailable, $"The key folder '{Path}' cannot be used: {e.Message} Make room, or see to it that you may write there, and try again.", e);
        }
    }
}
