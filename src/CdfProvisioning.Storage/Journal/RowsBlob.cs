using System.Text.Json;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.Storage.Journal;

/// <summary>Some rows of a list as one value: a JSON array of their parameters.</summary>
internal static class RowsBlob
{
    public static byte[] Encode(IReadOnlyList<IReadOnlyDictionary<string, string>> rows) =>
        JsonSerializer.SerializeToUtf8Bytes(rows, ParametersJson.KeepingAll);

    public static DeviceRow[] Decode(byte[] blob, long firstRow)
    {
        var rows = JsonSerializer.Deserialize<List<IReadOnlyDictionary<string, string>>>(blob, ParametersJson.KeepingAll)!;
        return [.. rows.Select((parameters, i) => new DeviceRow(firstRow + i, parameters))];
    }
}
