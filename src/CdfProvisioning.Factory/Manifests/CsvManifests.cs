using System.Runtime.CompilerServices;
using CsvHelper;

namespace CdfProvisioning.Factory.Manifests;

/// <summary>Manifests that are CSV: Espressif's, RainMaker's and nRF Cloud's.</summary>
internal static class CsvManifests
{
    private static readonly string[] NrfCloudColumns = ["DeviceId", "SubType", "Tags", "FirmwareTypes", "certificate"];

    public static IAsyncEnumerable<ManifestItem> ReadEspressifAsync(Stream stream, string name, CancellationToken cancellationToken) =>
        ReadAsync(stream, name, columns: null, ("MAC", "cert"), cancellationToken);

    public static IAsyncEnumerable<ManifestItem> ReadRainMakerAsync(Stream stream, string name, CancellationToken cancellationToken) =>
        ReadAsync(stream, name, columns: null, ("node_id", "certs"), cancellationToken);

    public static IAsyncEnumerable<ManifestItem> ReadNrfCloudAsync(Stream stream, string name, CancellationToken cancellationToken) =>
        ReadAsync(stream, name, NrfCloudColumns, ("DeviceId", "certificate"), cancellationToken);

    /// <param name="stream">The CSV text.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="columns">The columns' names, where no header gives them.</param>
    /// <param name="needed">The column that names the device, and the one with its certificate.</param>
    /// <param name="cancellationToken">Cancels.</param>
    private static async IAsyncEnumerable<ManifestItem> ReadAsync(
        Stream stream, string name, string[]? columns, (string Device, string Certificate) needed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var csv = CsvReader.Create(stream, new CsvReaderOptions
        {
            HasHeader = columns is null,
            MalformedData = CsvMalformedDataHandling.Throw,
            TrackLineNumbers = true,
            MaxRecordSize = ManifestReader.MaxItemLength,
            IncludeValuesInExceptions = false,
        });
        if (columns is null)
            columns = await ReadHeaderAsync(csv, name, cancellationToken);
        int device = ColumnOf(columns, needed.Device, name), certificate = ColumnOf(columns, needed.Certificate, name);
        for (var number = 1L; ; number++)
        {
            var place = $"'{name}', row {number}";
            ManifestItem? broken = null;
            try
            {
                if (!await csv.ReadAsync(cancellationToken))
                    yield break;
            }
            catch (CsvFormatException e)
            {
                broken = ManifestItem.Bad(place, ManifestItem.Invalid($"the CSV is damaged at line {e.LineNumber}, and its rest cannot be read: {e.Message}", e));
            }
            if (broken is not null)
            {
                yield return broken;
                yield break;
            }
            yield return ManifestItem.Read(place, () => ReadRow(csv, columns, device, certificate));
        }
    }

    private static (IReadOnlyDictionary<string, string>, CertificateChain) ReadRow(CsvReader csv, string[] columns, int device, int certificate)
    {
        if (csv.FieldCount != columns.Length)
            throw ManifestItem.Invalid($"It has {csv.FieldCount} fields where there are {columns.Length} columns.");
        var fields = new Dictionary<string, string>(columns.Length) { [columns[device]] = csv.GetString(device).Trim() };
        for (var i = 0; i < columns.Length; i++)
        {
            if (i != device && i != certificate)
                fields[columns[i]] = csv.GetString(i);
        }
        if (fields[columns[device]].Length == 0)
            throw ManifestItem.Invalid($"Its {columns[device]} is empty.");
        return (fields, CertificateChain.FromText(csv.GetString(certificate)));
    }

    private static async ValueTask<string[]> ReadHeaderAsync(CsvReader csv, string name, CancellationToken cancellationToken)
    {
        try
        {
            await csv.ReadHeaderAsync(cancellationToken);
            return [.. csv.Headers.Select(header => header.Trim())];
        }
        catch (CsvFormatException e)
        {
            throw ManifestItem.Invalid($"'{name}', header: {e.Message}", e);
        }
    }

    private static int ColumnOf(string[] columns, string wanted, string name) =>
        Array.FindIndex(columns, column => column.Equals(wanted, StringComparison.OrdinalIgnoreCase)) is >= 0 and var index
            ? index
            : throw ManifestItem.Invalid($"'{name}' has no column '{wanted}'; its columns are {string.Join(", ", columns)}.");
}
