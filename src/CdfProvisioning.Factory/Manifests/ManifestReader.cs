using System.Runtime.CompilerServices;
using System.Text;

namespace CdfProvisioning.Factory.Manifests;

/// <summary>How to read manifests.</summary>
/// <param name="Format">The format; null where the content tells.</param>
/// <param name="Slot">Of an Infineon reel, the chip's slot whose certificates are wanted.</param>
/// <param name="Password">The password of PFX files.</param>
internal sealed record ManifestOptions(ManifestFormat? Format, string Slot, string? Password);

/// <summary>Reads makers' manifests device by device, so that a million take no more memory than a thousand.</summary>
internal sealed class ManifestReader(ManifestSigners signers, ManifestOptions options)
{
    /// <summary>More than any certificate with its chain has, in characters.</summary>
    public const int MaxItemLength = 256 * 1024;

    private static readonly HashSet<string> CertificateExtensions =
        new([".pem", ".crt", ".cer", ".der", ".pfx", ".p12"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a file, or the certificate files of a folder in the order of their names.</summary>
    /// <exception cref="CdfException">NotFound, AccessDenied; InvalidRequest: the file as a whole is none of the formats.</exception>
    public async IAsyncEnumerable<ManifestItem> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!Directory.Exists(path))
        {
            await foreach (var item in ReadFileAsync(path, options.Format, cancellationToken))
                yield return item;
            yield break;
        }
        var files = Directory.EnumerateFiles(path).Where(file => CertificateExtensions.Contains(Path.GetExtension(file))).Order(StringComparer.Ordinal).ToList();
        if (files.Count == 0)
            throw ManifestItem.Invalid($"The folder '{path}' has no certificate files ({string.Join(", ", CertificateExtensions)}).");
        foreach (var file in files)
        {
            await foreach (var item in ReadFileAsync(file, ManifestFormat.CertificateFile, cancellationToken))
                yield return item;
        }
    }

    private async IAsyncEnumerable<ManifestItem> ReadFileAsync(string path, ManifestFormat? format, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var file = Open(path);
        var items = (format ?? await RecognizeAsync(file, path, cancellationToken)) switch
        {
            ManifestFormat.Microchip => MicrochipManifest.ReadAsync(file, path, signers, cancellationToken),
            ManifestFormat.Infineon => InfineonReel.ReadAsync(file, path, options.Slot, cancellationToken),
            ManifestFormat.Espressif => CsvManifests.ReadEspressifAsync(file, path, cancellationToken),
            ManifestFormat.RainMaker => CsvManifests.ReadRainMakerAsync(file, path, cancellationToken),
            ManifestFormat.NrfCloud => CsvManifests.ReadNrfCloudAsync(file, path, cancellationToken),
            ManifestFormat.CertificateList => CertificateListManifest.ReadAsync(file, path, cancellationToken),
            _ => CertificateFiles.ReadAsync(file, path, options.Password, cancellationToken),
        };
        await foreach (var item in items)
            yield return item;
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 64 * 1024, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw CdfErrorCode.NotFound.Error($"There is no file or folder '{path}'.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CdfErrorCode.AccessDenied.Error($"The file '{path}' cannot be read: {e.Message}", e);
        }
    }

    private static async ValueTask<ManifestFormat> RecognizeAsync(FileStream file, string path, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        var start = buffer.AsMemory(0, await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken));
        file.Position = 0;
        return Recognize(start.Span) ?? throw ManifestItem.Invalid(
            $"'{path}' is none of the manifests that are recognised: name its format with -Format ({string.Join(", ", Enum.GetNames<ManifestFormat>())}).");
    }

    private static ManifestFormat? Recognize(ReadOnlySpan<byte> start)
    {
        if (start is [(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C, ..])
            return ManifestFormat.Infineon;
        if (start is [0x30, _, ..])
            return ManifestFormat.CertificateFile;
        var text = Encoding.UTF8.GetString(start).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        var line = text.AsSpan(0, text.AsSpan().IndexOfAny('\r', '\n') is >= 0 and var end ? end : text.Length);
        return text switch
        {
            ['[', ..] => ManifestFormat.Microchip,
            _ when HasColumns(line, "mac", "cert") => ManifestFormat.Espressif,
            _ when HasColumns(line, "node_id", "certs") => ManifestFormat.RainMaker,
            _ when line.Count(',') >= 4 && line.Contains("-----BEGIN", StringComparison.Ordinal) => ManifestFormat.NrfCloud,
            _ when text.Contains("-----BEGIN", StringComparison.Ordinal) => ManifestFormat.CertificateFile,
            _ when line.Length >= 64 && System.Buffers.Text.Base64.IsValid(line) => ManifestFormat.CertificateList,
            _ => null,
        };
    }

    private static bool HasColumns(ReadOnlySpan<char> line, params ReadOnlySpan<string> columns)
    {
        var names = line.ToString().Split(',', StringSplitOptions.TrimEntries);
        foreach (var column in columns)
        {
            if (!names.Select(name => name.Trim('"')).Contains(column, StringComparer.OrdinalIgnoreCase))
                return false;
        }
        return true;
    }
}
