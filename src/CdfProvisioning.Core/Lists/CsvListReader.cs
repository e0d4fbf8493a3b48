using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using CdfProvisioning.Provisioning;
using CsvHelper;

namespace CdfProvisioning.Lists;

/// <summary>
/// Reads a list with a header line and one device a record (RFC 4180), as Import-Csv does: spaces around a cell that has no
/// quotes do not count. What Excel and Windows PowerShell put before the header is skipped.
/// </summary>
internal sealed class CsvListReader(string name, DeviceListOptions options)
{
    private const string TypeLine = "#TYPE ";
    private const string SeparatorLine = "sep=";

    /// <summary>Of the header and of a row, in bytes.</summary>
    private const int MaxRecordSize = 4 * DeviceListReader.MaxLineLength;

    private static readonly char[] Separators = [',', ';', '\t', '|'];
    private static readonly SearchValues<char> NoContent = SearchValues.Create(" ,;\t|\r\n");

    private long _row;

    /// <summary>How many rows had nothing in any cell: they are skipped.</summary>
    public long BlankRows { get; private set; }

    public async IAsyncEnumerable<IReadOnlyDictionary<string, string>> ReadAsync(PipeReader pipe, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var separator = await ReadStartAsync(pipe, cancellationToken);
        await using var csv = CsvReader.Create(pipe.AsStream(), new CsvReaderOptions
        {
            Separator = separator,
            DetectSeparatorHint = false,
            MalformedData = CsvMalformedDataHandling.Throw,
            FieldCountMismatch = CsvFieldCountHandling.Allow,
            TrimWhitespace = true,
            MaxRecordSize = MaxRecordSize,
            IncludeValuesInExceptions = false,
        });
        var columns = await ReadHeaderAsync(csv, cancellationToken);
        while (await ReadRecordAsync(csv, cancellationToken))
        {
            if (Row(csv, columns) is { } row)
                yield return row;
            else
                BlankRows++;
        }
    }

    /// <returns>Null for a row in which nothing is.</returns>
    private GivenParameters? Row(CsvReader csv, string[] columns)
    {
        var cells = csv.FieldCount;
        var isBlank = true;
        for (var i = 0; i < cells && isBlank; i++)
            isBlank = csv.IsEmpty(i) || string.IsNullOrWhiteSpace(csv.GetString(i));
        if (isBlank)
            return null;

        _row++;
        if (cells < columns.Length)
            throw CdfErrorCode.InvalidRequest.Error($"'{name}', row {_row}: it has {Cells(cells)}, and the header {Cells(columns.Length)}.");
        for (var i = columns.Length; i < cells; i++)
        {
            if (!csv.IsEmpty(i))
                throw CdfErrorCode.InvalidRequest.Error($"'{name}', row {_row}: it has {Cells(cells)}, and the header {Cells(columns.Length)}. A text that has the separator in it belongs in quotes.");
        }

        var parameters = new GivenParameters(columns.Length);
        for (var i = 0; i < columns.Length; i++)
        {
            if (csv.IsEmpty(i) && !options.EmptyAsText)
                parameters.AddWithoutValue(columns[i]);
            else
                parameters.Add(columns[i], csv.GetString(i));
        }

        return parameters;
    }

    private static string Cells(int count) => count == 1 ? "1 cell" : $"{count} cells";

    private async ValueTask<string[]> ReadHeaderAsync(CsvReader csv, CancellationToken cancellationToken)
    {
        try
        {
            await csv.ReadHeaderAsync(cancellationToken);
        }
        catch (CsvFormatException e)
        {
            throw CdfErrorCode.InvalidRequest.Error($"'{name}', header: {e.Message}", e);
        }

        string[] columns = [.. csv.Headers.Select(header => header.Trim())];
        columns = columns[..(Array.FindLastIndex(columns, column => column.Length > 0) + 1)]; // a comma at the end names no column
        var seen = new Dictionary<string, int>(columns.Length, StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i].Length == 0)
                throw CdfErrorCode.InvalidRequest.Error($"'{name}', header: column {i + 1} has no name.");
            if (!seen.TryAdd(columns[i], i) && seen[columns[i]] is var first)
                throw CdfErrorCode.InvalidRequest.Error(columns[first] == columns[i]
                    ? $"'{name}', header: columns {first + 1} and {i + 1} are both named '{columns[i]}'."
                    : $"'{name}', header: columns {first + 1} and {i + 1}, '{columns[first]}' and '{columns[i]}', differ by case alone.");
        }

        return columns;
    }

    private async ValueTask<bool> ReadRecordAsync(CsvReader csv, CancellationToken cancellationToken)
    {
        try
        {
            return await csv.ReadAsync(cancellationToken);
        }
        catch (CsvFormatException e)
        {
            throw CdfErrorCode.InvalidRequest.Error($"'{name}', row {_row + 1}: {e.Message}", e);
        }
    }

    /// <summary>Skips what is before the header.</summary>
    /// <returns>The separator: the one given, that of a separator line, or else the one that the header has most of.</returns>
    private async ValueTask<char> ReadStartAsync(PipeReader pipe, CancellationToken cancellationToken)
    {
        var separator = options.Delimiter;
        var scan = new LineScan();
        while (true)
        {
            var read = await pipe.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            if (scan.LineEnd(buffer) is not { } end)
            {
                if (!read.IsCompleted && buffer.Length <= MaxRecordSize)
                {
                    pipe.AdvanceTo(buffer.Start, buffer.End);
                    continue;
                }

                end = buffer.End;
            }

            var line = Encoding.UTF8.GetString(buffer.Slice(0, end));
            var isSkipped = !line.AsSpan().ContainsAnyExcept(NoContent) || line.StartsWith(TypeLine, StringComparison.OrdinalIgnoreCase);
            if (line.StartsWith(SeparatorLine, StringComparison.OrdinalIgnoreCase) && line.TrimEnd('\r', '\n').Length == SeparatorLine.Length + 1)
            {
                separator ??= line[SeparatorLine.Length];
                isSkipped = true;
            }

            if (isSkipped && !buffer.IsEmpty)
            {
                scan = new();
                pipe.AdvanceTo(end);
                continue;
            }

            pipe.AdvanceTo(buffer.Start);
            return separator ?? MostOf(line);
        }
    }

    private static char MostOf(string header)
    {
        var counts = new int[Separators.Length];
        var isQuoted = false;
        foreach (var c in header)
        {
            if (c == '"')
                isQuoted = !isQuoted;
            else if (!isQuoted && Array.IndexOf(Separators, c) is >= 0 and var i)
                counts[i]++;
        }

        return Separators[Array.IndexOf(counts, counts.Max())];
    }

    /// <summary>Looks for the end of a line that comes piece by piece, at each byte once.</summary>
    private sealed class LineScan
    {
        private long _seen;
        private bool _isQuoted;

        /// <param name="buffer">The line, as far as it has come.</param>
        /// <returns>What follows the line; null if its end has not come yet.</returns>
        public SequencePosition? LineEnd(ReadOnlySequence<byte> buffer)
        {
            var reader = new SequenceReader<byte>(buffer);
            reader.Advance(_seen);
            while (reader.TryPeek(out var next))
            {
                var isFollowed = reader.TryPeek(1, out var following);
                if (next == '\r' && !_isQuoted && !isFollowed)
                    break;
                reader.Advance(1);
                if (next == '"')
                    _isQuoted = !_isQuoted;
                else if (!_isQuoted && (next == '\n' || (next == '\r' && following != '\n')))
                    return reader.Position;
            }

            _seen = reader.Consumed;
            return null;
        }
    }
}
