using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using CdfProvisioning.Files;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Factory.Bundles;

/// <summary>What the index says of a device: the archive or folder that has it, the SHA-256 of each of its files, and what its label says.</summary>
internal sealed record IndexedDevice(string ThingName, string CertificateId, string In, IReadOnlyDictionary<string, string> Sha256, string[]? Label = null);

/// <summary>
/// index.jsonl beside the bundles: a line a device, appended when its bundle is complete. It is what makes an export resumable:
/// a device that it names is not made again; a line that a kill has cut off does not count.
/// </summary>
internal sealed class BundleIndex : IAsyncDisposable
{
    public const string FileName = "index.jsonl";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private readonly FileStream _file;
    private readonly SpilledTable _certificates = new();
    private readonly HashSet<string> _archives = [];

    private BundleIndex(FileStream file) => _file = file;

    public static async ValueTask<BundleIndex> OpenAsync(string folder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            await PrivateFiles.OpenNew(path).DisposeAsync();
        var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        try
        {
            var index = new BundleIndex(file);
            long end = 0;
            await foreach (var (device, lineEnd) in index.ReadAsync(cancellationToken))
            {
                index.Note(device);
                end = lineEnd;
            }
            file.SetLength(end);
            file.Seek(0, SeekOrigin.End);
            return index;
        }
        catch (JsonException e)
        {
            await file.DisposeAsync();
            throw CdfErrorCode.Conflict.Error($"'{path}' is not the index of an export: name another folder, or remove it.", e);
        }
    }

    /// <summary>Whether the device was exported with this certificate.</summary>
    /// <exception cref="CdfException">Conflict: it was exported with another one.</exception>
    public bool Has(string thingName, string certificateId) => _certificates.Find(NameKey.Of(thingName)) is { } certificate && (certificate == NameKey.Of(certificateId)
        ? true
        : throw CdfErrorCode.Conflict.Error($"'{thingName}' was exported into this folder with another certificate. Export it into another folder."));

    /// <summary>Whether an archive is one that devices here are in.</summary>
    public bool HasArchive(string name) => _archives.Contains(name);

    /// <summary>All devices, in the order in which they were exported.</summary>
    public IAsyncEnumerable<IndexedDevice> DevicesAsync(CancellationToken cancellationToken) =>
        ReadAsync(cancellationToken).Select(read => read.Device);

    /// <summary>Appends devices whose bundles are complete, and waits for the disk.</summary>
    public async ValueTask AddAsync(IReadOnlyList<IndexedDevice> devices, CancellationToken cancellationToken)
    {
        var lines = new MemoryStream();
        foreach (var device in devices)
        {
            JsonSerializer.Serialize(lines, device, Json);
            lines.WriteByte((byte)'\n');
        }
        var end = _file.Position;
        try
        {
            await _file.WriteAsync(lines.GetBuffer().AsMemory(0, (int)lines.Length), cancellationToken);
            _file.Flush(flushToDisk: true);
        }
        catch
        {
            _file.SetLength(end);
            throw;
        }
        foreach (var device in devices)
            Note(device);
    }

    public ValueTask DisposeAsync()
    {
        _certificates.Dispose();
        return _file.DisposeAsync();
    }

    private void Note(IndexedDevice device)
    {
        _certificates.Set(NameKey.Of(device.ThingName), NameKey.Of(device.CertificateId));
        if (device.In.Contains(".zip", StringComparison.Ordinal))
            _archives.Add(device.In);
    }

    /// <summary>The whole lines, and where each ends.</summary>
    private async IAsyncEnumerable<(IndexedDevice Device, long End)> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _file.Seek(0, SeekOrigin.Begin);
        using var reader = new StreamReader(_file, Encoding.UTF8, leaveOpen: true);
        long end = 0;
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            end += Encoding.UTF8.GetByteCount(line) + 1;
            if (end > _file.Length)
                yield break;
            yield return (JsonSerializer.Deserialize<IndexedDevice>(line, Json)!, end);
        }
    }
}
