using System.Runtime.CompilerServices;
using System.Text.Json;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Lists;

/// <summary>Reads a list that is one JSON array of objects.</summary>
internal static class JsonArrayReader
{
    public static async IAsyncEnumerable<IReadOnlyDictionary<string, string>> ReadAsync(
        Stream stream, string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var converter = new ParametersJson();
        var rows = JsonSerializer.DeserializeAsyncEnumerable<IReadOnlyDictionary<string, string>>(stream, ParametersJson.With(converter), cancellationToken);
        await using var enumerator = rows.GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(enumerator, name, converter))
            yield return enumerator.Current!;
    }

    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<IReadOnlyDictionary<string, string>?> rows, string name, ParametersJson converter)
    {
        try
        {
            return await rows.MoveNextAsync();
        }
        catch (JsonException e)
        {
            throw IotErrorType.InvalidRequest.Error($"'{name}', row {converter.RowsRead + 1}, line {e.LineNumber + 1}: {e.Message}", e);
        }
    }
}
