using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using CdfProvisioning.Factory.Manifests;
using CdfProvisioning.Files;
using CdfProvisioning.Keys;
using CsvHelper;

namespace CdfProvisioning.Factory.Bundles;

/// <summary>
/// Writes what a factory gets: for each device a folder with certificate, key and configuration, as folders, or in zip archives of
/// so many devices each, which a recipient's certificate seals (CMS EnvelopedData, RFC 5652). A bundle stands under its name
/// only when it is whole.
/// </summary>
internal sealed class BundleWriter : IAsyncDisposable
{
    private const string LabelsFile = "labels.csv";

    /// <summary>Zip's own: the earliest time that it can say, so that equal content makes equal archives.</summary>
    private static readonly DateTimeOffset ZipEpoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly string _folder;
    private readonly BundleOptions _options;
    private readonly BundleFiles _files;
    private readonly BundleIndex _index;
    private readonly List<(BundleDevice Device, string FolderName, IReadOnlyList<BundleFile> Files)> _batch = [];
    private readonly HashSet<string> _batchNames = [];

    private BundleWriter(string folder, BundleOptions options, BundleIndex index)
    {
        _folder = folder;
        _options = options;
        _files = new BundleFiles(options);
        _index = index;
    }

    /// <summary>How many devices were written.</summary>
    public long Written { get; private set; }

    /// <summary>How many were there from an earlier run.</summary>
    public long Skipped { get; private set; }

    /// <summary>Makes the folder if there is none; goes on with one that has been begun.</summary>
    /// <exception cref="CdfException">InvalidRequest: options that do not go together; Conflict; Unavailable.</exception>
    public static async ValueTask<BundleWriter> OpenAsync(string folder, BundleOptions options, CancellationToken cancellationToken)
    {
        if (options.Recipient is not null && options.Format != BundleFormat.Zip)
            throw ManifestItem.Invalid("Only archives can be encrypted for a recipient: ask for the format Zip.");
        if (options.Content.HasFlag(BundleContent.Pfx) && string.IsNullOrEmpty(options.PfxPassword))
            throw ManifestItem.Invalid("A PFX file needs a password: give -PfxPassword.");
        try
        {
            PrivateFiles.CreateFolder(folder);
            foreach (var unfinished in Directory.EnumerateFileSystemEntries(folder).Where(entry => PrivateFiles.IsUnfinished(Path.GetFileName(entry))))
            {
                if (Directory.Exists(unfinished))
                    Directory.Delete(unfinished, recursive: true);
                else
                    File.Delete(unfinished);
            }
            var index = await BundleIndex.OpenAsync(folder, cancellationToken);
            foreach (var archive in ArchivesIn(folder).Where(archive => !index.HasArchive(Path.GetFileName(archive))))
                File.Delete(archive); // A killed run had made it, and not said so: its devices are in none, and are made again.
            return new BundleWriter(folder, options, index);
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite("The bundle folder", folder, e);
        }
    }

    /// <exception cref="CdfException">The device cannot be exported; the others can.</exception>
    public async ValueTask AddAsync(BundleDevice device, CancellationToken cancellationToken)
    {
        var folderName = KeyDirectory.FileNameOf(device.ThingName);
        if (_index.Has(device.ThingName, device.Certificate.Id))
        {
            Skipped++;
            return;
        }
        if (!_batchNames.Add(device.ThingName))
            throw CdfErrorCode.Conflict.Error($"'{device.ThingName}' is named twice.");
        _batch.Add((device, folderName, _files.Make(device)));
        if (_batch.Count == _options.BatchSize)
            await WriteBatchAsync(cancellationToken);
    }

    /// <summary>Writes what is left.</summary>
    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        if (_batch.Count > 0)
            await WriteBatchAsync(cancellationToken);
        if (_options.Format == BundleFormat.Folder && _options.Content.HasFlag(BundleContent.Labels))
            await WriteAsync(() => WriteLabelsAsync(cancellationToken));
    }

    public ValueTask DisposeAsync() => _index.DisposeAsync();

    private async ValueTask WriteBatchAsync(CancellationToken cancellationToken)
    {
        await WriteAsync(async () =>
        {
            var places = _options.Format == BundleFormat.Folder
                ? await WriteFoldersAsync(cancellationToken)
                : await WriteArchiveAsync(cancellationToken);
            await _index.AddAsync(
                [.. _batch.Select((each, i) => new IndexedDevice(each.Device.ThingName, each.Device.Certificate.Id, places[i], each.Files.ToDictionary(f => f.Name, f => Convert.ToHexStringLower(SHA256.HashData(f.Content))), LabelOf(each.Device)))],
                cancellationToken);
        });
        Written += _batch.Count;
        _batch.Clear();
        _batchNames.Clear();
    }

    private async ValueTask WriteAsync(Func<ValueTask> write)
    {
        try
        {
            await write();
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite("The bundle folder", _folder, e);
        }
    }

    private async ValueTask<string[]> WriteFoldersAsync(CancellationToken cancellationToken)
    {
        var places = new string[_batch.Count];
        for (var i = 0; i < _batch.Count; i++)
        {
            (_, places[i], var files) = _batch[i];
            await WriteFolderAsync(Path.Combine(_folder, places[i]), files, cancellationToken);
        }
        return places;
    }

    private static async ValueTask WriteFolderAsync(string final, IReadOnlyList<BundleFile> files, CancellationToken cancellationToken)
    {
        var beside = PrivateFiles.UnfinishedName(final);
        try
        {
            PrivateFiles.CreateFolder(beside);
            foreach (var file in files)
            {
                await using var stream = PrivateFiles.OpenNew(Path.Combine(beside, file.Name));
                await stream.WriteAsync(file.Content, cancellationToken);
            }
            if (Directory.Exists(final))
                Directory.Delete(final, recursive: true);
            Directory.Move(beside, final);
        }
        catch
        {
            if (Directory.Exists(beside))
                Directory.Delete(beside, recursive: true);
            throw;
        }
    }

    private async ValueTask<string[]> WriteArchiveAsync(CancellationToken cancellationToken)
    {
        var name = $"{NextArchive():000000}.zip";
        byte[] content;
        using (var zipped = new MemoryStream())
        {
            WriteZip(zipped);
            content = zipped.ToArray();
        }
        if (_options.Recipient is { } recipient)
        {
            name += ".p7m";
            content = recipient.Encrypt(content);
        }
        await PrivateFiles.WriteAsync(Path.Combine(_folder, name), file => file.WriteAsync(content, cancellationToken));
        return [.. Enumerable.Repeat(name, _batch.Count)];
    }

    private int NextArchive() => ArchivesIn(_folder).Select(NumberOf).DefaultIfEmpty(0).Max() + 1;

    private static IEnumerable<string> ArchivesIn(string folder) => Directory.EnumerateFiles(folder, "*.zip*").Where(file => NumberOf(file) > 0);

    private static int NumberOf(string archive) =>
        int.TryParse(Path.GetFileName(archive).Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private void WriteZip(Stream stream)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var (_, folderName, files) in _batch)
        {
            foreach (var file in files)
                Add(zip, $"{folderName}/{file.Name}", file.Content);
        }
        if (_options.Content.HasFlag(BundleContent.Labels))
            Add(zip, LabelsFile, Labels(_batch.Select(each => LabelOf(each.Device)!)));
    }

    private static void Add(ZipArchive zip, string name, byte[] content)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.Optimal);
        entry.LastWriteTime = ZipEpoch;
        if (!OperatingSystem.IsWindows())
            entry.ExternalAttributes = (int)(UnixFileMode.UserRead | UnixFileMode.UserWrite) << 16;
        using var stream = entry.Open();
        stream.Write(content);
    }

    private ValueTask WriteLabelsAsync(CancellationToken cancellationToken) => PrivateFiles.WriteAsync(
        Path.Combine(_folder, LabelsFile),
        async file =>
        {
            using var csv = BeginLabels(file);
            await foreach (var device in _index.DevicesAsync(cancellationToken))
                if (device.Label is { } label)
                    csv.WriteRecord(label);
        });

    private string[]? LabelOf(BundleDevice device) => _options.Content.HasFlag(BundleContent.Labels)
        ? [device.ThingName, device.Certificate.Id, device.Certificate.SerialNumber, device.Certificate.NotAfter.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), _files.QrText(device)]
        : null;

    private static byte[] Labels(IEnumerable<string[]> labels)
    {
        using var content = new MemoryStream();
        using (var csv = BeginLabels(content))
        {
            foreach (var label in labels)
                csv.WriteRecord(label);
        }
        return content.ToArray();
    }

    private static CsvWriter BeginLabels(Stream content)
    {
        var csv = CsvWriter.Create(content, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true);
        csv.WriteRecord(["ThingName", "CertificateId", "SerialNumber", "NotAfter", "QrText"]);
        return csv;
    }
}
