using System.Runtime.CompilerServices;
using CdfProvisioning.Iot;
using CsvHelper;

namespace CdfProvisioning.Lists;

/// <summary>Reads a list with a header line and one device a record (RFC 4180). An empty field is an empty value.</summary>
internal static class CsvListReader
{
    public static async IAsyncEnumerable<IReadOnlyDictionary<string, string>> ReadAsync(
        Stream stream, string name, char separator, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var csv = CsvReader.Create(stream, new CsvReaderOptions
        {
            Separator = separator,
            MalformedData = CsvMalformedDataHandling.Throw,
            FieldCountMismatch = CsvFieldCountHandling.Throw,
            TrackLineNumbers = true,
            MaxRecordSize = DeviceListReader.MaxLineLength,
            IncludeValuesInExceptions = false,
        });
        var columns = await ReadHeaderAsync(csv, name, cancellationToken);
        while (await ReadRowAsync(csv, name, cancellationToken))
        {
            var parameters = new Dictionary<string, string>(columns.Count);
            for (var i = 0; i < columns.Count; i++)
                parameters.Add(columns[i], csv.GetString(i));
            yield return parameters;
        }
    }

    private static async ValueTask<IReadOnlyList<string>> ReadHeaderAsync(CsvReader csv, string name, CancellationToken cancellationToken)
    {
        try
        {
            await csv.ReadHeaderAsync(cancellationToken);
        }
        catch (CsvFormatException e)
        {
            throw IotErrorType.InvalidRequest.Error($"'{name}', header: {e.Message}", e);
        }

        string[] columns = [.. csv.Headers];
        for (var i = 0; i < columns.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(columns[i]))
                throw IotErrorType.InvalidRequest.Error($"'{name}', header: column {i + 1} has no name.");
            if (Array.IndexOf(columns, columns[i]) is var first && first < i)
                throw IotErrorType.InvalidRequest.Error($"'{name}', header: columns {first + 1} and {i + 1} are both named '{columns[i]}'.");
        }
        return columns;
    }

    private static async ValueTask<bool> ReadRowAsync(CsvReader csv, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await csv.ReadAsync(cancellationToken);
        }
        catch (CsvFormatException e)
        {
            throw IotErrorType.InvalidRequest.Error($"'{name}', row {e.RecordNumber - 1}, line {e.LineNumber}: {e.Message}", e);
        }
    }
}
