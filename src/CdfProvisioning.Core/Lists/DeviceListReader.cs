using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace CdfProvisioning.Lists;

/// <summary>Reads a list of devices row by row, so that a million rows cost no more memory than a thousand.</summary>
internal sealed class DeviceListReader(DeviceListOptions? options = null)
{
    /// <summary>What AWS allows a line of a bulk list, in characters.</summary>
    public const int MaxLineLength = 256_000;

    private readonly DeviceListOptions _options = options ?? new();

    private CsvListReader? _csv;

    /// <summary>How many rows that had nothing in any cell have been skipped.</summary>
    public long BlankRows => _csv?.BlankRows ?? 0;

    /// <summary>Reads a file: .csv, .tsv, .json, .jsonl, .ndjson; of any other name, what its content looks like.</summary>
    /// <exception cref="CdfException">NotFound; InvalidRequest naming file, row or line, and column or member.</exception>
    public async IAsyncEnumerable<IReadOnlyDictionary<string, string>> ReadFileAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var file = Open(path);
        var remedy = "Save it as UTF-8, or say how it is encoded: -Encoding windows-1252 for what Excel calls CSV in most of Europe and America.";
        await foreach (var row in ReadAsync(file, path, FormatOf(path), remedy, cancellationToken))
            yield return row;
    }

    /// <summary>Reads a stream. <paramref name="name"/> is what errors call it; without <paramref name="format"/> its content decides.</summary>
    public IAsyncEnumerable<IReadOnlyDictionary<string, string>> ReadAsync(
        Stream stream, string name, DeviceListFormat? format, CancellationToken cancellationToken) =>
        ReadAsync(stream, name, format, "Save it as UTF-8.", cancellationToken);

    private async IAsyncEnumerable<IReadOnlyDictionary<string, string>> ReadAsync(
        Stream stream, string name, DeviceListFormat? format, string remedy, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var text = new Utf8TextStream(stream, name, _options.Encoding, remedy);
        var pipe = PipeReader.Create(text, new StreamPipeReaderOptions(leaveOpen: true));
        var first = await PeekAsync(pipe, cancellationToken);
        format ??= first switch
        {
            '[' => DeviceListFormat.Json,
            '{' => DeviceListFormat.JsonLines,
            _ => DeviceListFormat.Csv,
        };
        if (format == DeviceListFormat.Json && first is not (null or '[' or '{'))
            throw CdfErrorCode.InvalidRequest.Error($"'{name}' begins with '{first}': a list as JSON is an array of objects, or one object a line.");

        _csv = new(name, format == DeviceListFormat.Tsv ? _options with { Delimiter = _options.Delimiter ?? '\t' } : _options);
        var rows = format switch
        {
            DeviceListFormat.Json => JsonArrayReader.ReadAsync(pipe.AsStream(), name, isArray: first == '[', cancellationToken),
            DeviceListFormat.JsonLines => JsonLinesReader.ReadAsync(pipe, name, _options.KeepsMalformedLines, cancellationToken),
            _ => _csv.ReadAsync(pipe, cancellationToken),
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
            throw CdfErrorCode.NotFound.Error($"There is no file '{path}'.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Directory.Exists(path)
                ? CdfErrorCode.InvalidRequest.Error($"'{path}' is a folder: name the file that has the list.", e)
                : CdfErrorCode.AccessDenied.Error($"The file '{path}' cannot be read: {e.Message}", e);
        }
    }

    private static DeviceListFormat? FormatOf(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".CSV" => DeviceListFormat.Csv,
        ".TSV" => DeviceListFormat.Tsv,
        ".JSON" => DeviceListFormat.Json, // of both forms, and an object on many lines
        ".JSONL" or ".NDJSON" => DeviceListFormat.JsonLines,
        _ => null,
    };

    /// <summary>Looks at the first character that is no white space.</summary>
    private static async ValueTask<char?> PeekAsync(PipeReader pipe, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await pipe.ReadAsync(cancellationToken);
            var first = FirstCharacter(read.Buffer);
            if (first is null && !read.IsCompleted && read.Buffer.Length <= MaxLineLength)
            {
                pipe.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }

            pipe.AdvanceTo(read.Buffer.Start);
            return first;
        }
    }

    private static char? FirstCharacter(ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        reader.AdvancePastAny(" \t\r\n"u8);
        return reader.TryPeek(out var first) ? (char)first : null;
    }
}
