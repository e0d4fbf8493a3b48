using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.Lists;

/// <summary>Reads a list with one JSON object a line; empty lines are skipped.</summary>
internal static class JsonLinesReader
{
    /// <summary>UTF-8 has up to 4 bytes a character.</summary>
    private const int MaxLineBytes = 4 * DeviceListReader.MaxLineLength;

    public static async IAsyncEnumerable<IReadOnlyDictionary<string, string>> ReadAsync(
        PipeReader pipe, string name, bool keepsMalformed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var row = 1L;
        var number = 1L;
        while (true)
        {
            var read = await pipe.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            while (TakeLine(ref buffer, read.IsCompleted, out var line))
            {
                CheckHasEnd(line, name, number);
                if (Read(line, name, row, number++, keepsMalformed) is not { } parameters)
                    continue;
                row++;
                yield return parameters;
            }
            CheckHasEnd(buffer, name, number);
            pipe.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
                yield break;
        }
    }

    /// <returns>Null for an empty line.</returns>
    private static IReadOnlyDictionary<string, string>? Read(ReadOnlySequence<byte> line, string name, long row, long number, bool keepsMalformed)
    {
        try
        {
            CheckLength(line, name, number);
            return Parse(line, name, row, number);
        }
        catch (CdfException e) when (keepsMalformed)
        {
            return new GivenParameters { Problem = e.Message };
        }
    }

    private static bool TakeLine(ref ReadOnlySequence<byte> buffer, bool isLast, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is { } end)
        {
            line = buffer.Slice(0, end);
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            return true;
        }
        line = buffer;
        if (!isLast || buffer.IsEmpty)
            return false;
        buffer = buffer.Slice(buffer.End);
        return true;
    }

    /// <summary>What has more bytes than any line could need is not read on for its end: wherever the list comes from, that ends it.</summary>
    private static void CheckHasEnd(ReadOnlySequence<byte> line, string name, long number)
    {
        if (line.Length > MaxLineBytes)
            throw TooLong(name, number);
    }

    private static void CheckLength(ReadOnlySequence<byte> line, string name, long number)
    {
        if (line.Length > DeviceListReader.MaxLineLength && Encoding.UTF8.GetCharCount(line.ToArray()) > DeviceListReader.MaxLineLength)
            throw TooLong(name, number);
    }

    private static CdfException TooLong(string name, long number) =>
        CdfErrorCode.InvalidRequest.Error($"'{name}', line {number}: the line is longer than {DeviceListReader.MaxLineLength:N0} characters.");

    private static IReadOnlyDictionary<string, string>? Parse(ReadOnlySequence<byte> line, string name, long row, long number)
    {
        try
        {
            var reader = new SequenceReader<byte>(line);
            reader.AdvancePastAny(" \t\r"u8);
            if (reader.End)
                return null;
            var json = new Utf8JsonReader(line);
            var parameters = JsonSerializer.Deserialize<IReadOnlyDictionary<string, string>>(ref json, ParametersJson.Options);
            json.Read(); // throws if something follows
            return parameters;
        }
        catch (JsonException e)
        {
            throw JsonProblems.Of(e, name, row, number);
        }
    }
}
