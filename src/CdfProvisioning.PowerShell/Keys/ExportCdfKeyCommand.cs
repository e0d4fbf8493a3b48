using System.Management.Automation;
using System.Text;
using CdfProvisioning.Files;
using CdfProvisioning.Keys;

namespace CdfProvisioning.PowerShell;

/// <summary>Makes a file a device of a key file.</summary>
/// <remarks>
/// <para>
/// Each file has a device's private key and its certificate as PEM and is readable by you alone, as those that
/// New-CdfThing and Start-CdfBulkRegistration write with KeyDirectory. A file that is there already is left as it is; if it has another
/// key, that is an error.
/// </para>
/// </remarks>
/// <example>
/// <para>Make a file a device of a list's key file</para>
/// <code>Export-CdfKey -KeyFile ./keys.jsonl -KeyDirectory ./keys</code>
/// </example>
/// <example>
/// <para>The keys of some devices only, from an encrypted key file</para>
/// <code>Export-CdfKey -KeyFile ./keys.jsonl -KeyDirectory ./keys -ThingName 'sensor-1*' -Certificate ./factory.pem -PrivateKey ./factory.key</code>
/// </example>
[Cmdlet(VerbsData.Export, "CdfKey", SupportsShouldProcess = true)]
[OutputType(typeof(FiledDevice))]
public sealed class ExportCdfKeyCommand : KeyFileCmdlet
{
    /// <summary>The key file.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Path", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string KeyFile { get; set; } = "";

    /// <summary>The folder for the files, readable by you alone; it is made if it does not exist.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string KeyDirectory { get; set; } = "";

    /// <summary>The names of the things whose keys are wanted, with wildcards; all if not given.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] ThingName { get; set; } = ["*"];

    private protected override object? Target => KeyFile;

    private protected override Task ProcessAsync(CancellationToken cancellationToken)
    {
        var (path, folder) = (ResolvePath(KeyFile), ResolvePath(KeyDirectory));
        if (!ShouldProcess(path, $"Write a key file a device to '{folder}'"))
            return Task.CompletedTask;

        WildcardPattern[] wanted = [.. ThingName.Select(name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase))];
        CreateFolder(folder);
        foreach (var line in Read(path))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var name = line.Thing ?? $"row-{line.Row}";
            if (!Array.Exists(wanted, pattern => pattern.IsMatch(name)))
                continue;
            try
            {
                var file = Keys.KeyDirectory.At(folder, "").FileOf(name);
                Write(file, line, name);
                WriteObject(new FiledDevice { ThingName = line.Thing, CertificateId = line.CertificateId, KeyFile = file, CertificatePem = line.CertificatePem });
            }
            catch (CdfException e)
            {
                WriteError(e.ToErrorRecord(name));
            }
        }
        return Task.CompletedTask;
    }

    private static void CreateFolder(string folder)
    {
        try
        {
            PrivateFiles.CreateFolder(folder);
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite("The folder of the keys", folder, e);
        }
    }

    private static void Write(string file, KeyLine line, string name)
    {
        var text = line.PrivateKeyPem + line.CertificatePem;
        try
        {
            if (ReadText(file) is { Length: > 0 } there)
            {
                if (there != text)
                    throw CdfErrorCode.Conflict.Error($"'{file}' exists and has another key than that of certificate {line.CertificateId} of thing '{name}'. Move it away, or name another folder.");
                return;
            }

            File.Delete(file); // left empty
            using var stream = PrivateFiles.OpenNew(file, new() { Access = FileAccess.Write, BufferSize = 0 });
            WriteOrDelete(stream, text);
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite("The key file", file, e);
        }
    }

    private static void WriteOrDelete(FileStream stream, string text)
    {
        try
        {
            stream.Write(Encoding.ASCII.GetBytes(text));
        }
        catch
        {
            File.Delete(stream.Name);
            throw;
        }
    }

    private static string? ReadText(string file)
    {
        if (!File.Exists(file))
            return null;
        using var there = UnixFiles.OpenRegular(file, FileAccess.Read);
        var bytes = new byte[RandomAccess.GetLength(there)];
        return Encoding.ASCII.GetString(bytes, 0, RandomAccess.Read(there, bytes, 0));
    }
}
