namespace CdfProvisioning.Bulk;

/// <summary>Reads a list of devices row by row, so that a million rows cost no more memory than a thousand.</summary>
internal static class DeviceListReader
{
    /// <summary>Reads a file: .csv, .tsv, .json, .jsonl, .ndjson; of any other name, what its content looks like.</summary>
    /// <exception cref="CdfException">NotFound; InvalidRequest naming file, row or line, and column or member.</exception>
    public static IAsyncEnumerable<IReadOnlyDictionary<string, string>> ReadFileAsync(string path, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Reads a stream. <paramref name="name"/> is what errors call it; without <paramref name="format"/> its content decides.</summary>
    public static IAsyncEnumerable<IReadOnlyDictionary<string, string>> ReadAsync(Stream stream, string name, DeviceListFormat? format, CancellationToken cancellationToken) => throw new NotImplementedException();
}
