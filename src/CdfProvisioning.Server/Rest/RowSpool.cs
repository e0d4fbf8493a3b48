using System.Text.Json;
using CdfProvisioning.Files;
using CdfProvisioning.Lists;

namespace CdfProvisioning.Server.Rest;

/// <summary>Rows that wait in a temporary file, which this user alone can read and which goes when it is disposed of.</summary>
internal sealed class RowSpool : IAsyncDisposable
{
    private static readonly byte[] EndOfLine = [(byte)'\n'];

    private FileStream? _file;

    public async ValueTask AddAsync(IReadOnlyDictionary<string, string> row, CancellationToken cancellationToken)
    {
        try
        {
            _file ??= Create();
            await _file.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(row, ParametersJson.KeepingAll), cancellationToken);
            await _file.WriteAsync(EndOfLine, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CdfErrorCode.Unavailable.Error($"The list cannot be put into the temporary folder '{Path.GetTempPath()}': {e.Message}", e);
        }
    }

    public IAsyncEnumerable<IReadOnlyDictionary<string, string>> ReadAllAsync(CancellationToken cancellationToken)
    {
        _file!.Position = 0;
        return new DeviceListReader().ReadAsync(_file, _file.Name, DeviceListFormat.JsonLines, cancellationToken);
    }

    public ValueTask DisposeAsync() => _file?.DisposeAsync() ?? default;

    /// <summary>Deletes what servers have left that were killed.</summary>
    public static void DeleteLeft()
    {
        try
        {
            foreach (var path in Directory.EnumerateFiles(Path.GetTempPath(), "cdf-*.jsonl"))
                if (Guid.TryParseExact(Path.GetFileNameWithoutExtension(path)["cdf-".Length..], "N", out _))
                    PrivateFiles.TryDeleteUnlocked(path);
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            // It is a courtesy: a temporary folder that cannot be read is no reason not to serve.
        }
    }

    private static FileStream Create() => PrivateFiles.OpenNew(
        Path.Combine(Path.GetTempPath(), $"cdf-{Guid.NewGuid():N}.jsonl"),
        new() { Access = FileAccess.ReadWrite, BufferSize = 64 * 1024, Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose });
}
