using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Lists;

/// <summary>Reads a list of devices row by row, so that a million rows cost no more memory than a thousand.</summary>
internal static class DeviceListReader
{
    /// <summary>What AWS allows a line of a bulk list, in characters.</summary>
    public const int MaxLineLength = 256_000;

    /// <summary>Reads a file: .csv, .tsv, .json, .jsonl, .ndjson; of any other name, what its content looks like.</summary>
    /// <exception cref="CdfException">NotFound; InvalidRequest naming file, row or line, and column or member.</exception>
    public static async IAsyncEnumerable<IReadOnlyDictionary<string, string>> ReadFileAsync(
        string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var file = Open(path);
        await foreach (var row in ReadAsync(file, path, FormatOf(path), cancellationToken))
            yield return row;
    }

    /// <summary>Reads a stream. <paramref name="name"/> is what errors call it; without <paramref name="format"/> its content decides.</summary>
    public static async IAsyncEnumerable<IReadOnlyDictionary<string, string>> ReadAsync(
        Stream stream, string name, DeviceListFormat? format, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        var looksLike = await SniffAsync(pipe, cancellationToken);
        var rows = (format ?? looksLike) switch
        {
            DeviceListFormat.Json => JsonArrayReader.ReadAsync(pipe.AsStream(), name, cancellationToken),
            DeviceListFormat.JsonLines => JsonLinesReader.ReadAsync(pipe, name, cancellationToken),
            DeviceListFormat.Tsv => CsvListReader.ReadAsync(pipe.AsStream(), name, '\t', cancellationToken),
            _ => CsvListReader.ReadAsync(pipe.AsStream(), name, ',', cancellationToken),
        };
        await foreach (var row in rows)
            yield return row;
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw IotErrorType.ResourceNotFound.Error($"There is no file '{path}'.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CdfException(CdfErrorCode.AccessDenied, $"The file '{path}' cannot be read: {e.Message}", e);
        }
    }

    private static DeviceListFormat? FormatOf(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".CSV" => DeviceListFormat.Csv,
        ".TSV" => DeviceListFormat.Tsv,
        ".JSONL" or ".NDJSON" => DeviceListFormat.JsonLines,
        _ => null, // .json is used for both forms of JSON
    };

    /// <summary>Looks at the first character, and skips a UTF-8 byte order mark.</summary>
    private static async ValueTask<DeviceListFormat> SniffAsync(PipeReader pipe, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await pipe.ReadAtLeastAsync(3, cancellationToken);
            var (start, first) = FirstCharacter(read.Buffer);
            if (first is null && !read.IsCompleted)
            {
                pipe.AdvanceTo(start, read.Buffer.End);
                continue;
            }
            pipe.AdvanceTo(start);
            return first switch
            {
                '[' => DeviceListFormat.Json,
                '{' => DeviceListFormat.JsonLines,
                _ => DeviceListFormat.Csv,
            };
        }
    }

    private static (SequencePosition Start, char? First) FirstCharacter(ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        reader.IsNext("\uFEFF"u8, advancePast: true);
        var start = reader.Position;
        reader.AdvancePastAny(" \t\r\n"u8);
        return (start, reader.TryPeek(out var first) ? (char)first : null);
    }
}
