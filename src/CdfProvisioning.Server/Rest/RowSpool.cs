using System.Runtime.CompilerServices;
using System.Text.Json;
using CdfProvisioning.Files;
using CdfProvisioning.Lists;

namespace CdfProvisioning.Server.Rest;

/// <summary>Rows that wait in a temporary file, which this user alone can read and which goes when it is disposed of.</summary>
internal sealed class RowSpool : IAsyncDisposable
{
    private static readonly byte[] EndOfLine = [(byte)'\n'];

    private FileStream? _file;

    public ValueTask AddAsync(IReadOnlyDictionary<string, string> row, CancellationToken cancellationToken) => WriteAsync(async () =>
    {
        _file ??= Create();
        await _file.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(row, ParametersJson.KeepingAll), cancellationToken);
        await _file.WriteAsync(EndOfLine, cancellationToken);
    });

    public async IAsyncEnumerable<IReadOnlyDictionary<string, string>> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await WriteAsync(() => _file!.FlushAsync(cancellationToken));
        _file!.Position = 0;
        await foreach (var row in new DeviceListReader().ReadAsync(_file, _file.Name, DeviceListFormat.JsonLines, cancellationToken))
            yield return row;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await (_file?.DisposeAsync() ?? default);
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            // What it still had to write is not wanted any more.
        }
    }

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

    private static async ValueTask WriteAsync(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (Exception e) when (FileFailures.IsExpected(e))
        {
            throw FileFailures.CannotWrite("The temporary folder", Path.GetTempPath(), e);
        }
    }

    private static FileStream Create() => PrivateFiles.OpenNew(
        Path.Combine(Path.GetTempPath(), $"cdf-{Guid.NewGuid():N}.jsonl"),
        new() { Access = FileAccess.ReadWrite, BufferSize = 64 * 1024, Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose });
}
