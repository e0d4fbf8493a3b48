using System.Runtime.CompilerServices;
using System.Text.Json;

namespace CdfProvisioning.Lists;

/// <summary>Reads a list that is one JSON array of objects, or objects one after the other on as many lines as they like.</summary>
internal static class JsonArrayReader
{
    public static async IAsyncEnumerable<IReadOnlyDictionary<string, string>> ReadAsync(
        Stream stream, string name, bool isArray, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var converter = new ParametersJson();
        var rows = JsonSerializer.DeserializeAsyncEnumerable<IReadOnlyDictionary<string, string>>(
            stream, topLevelValues: !isArray, ParametersJson.With(converter), cancellationToken);
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
            throw JsonProblems.Of(e, name, converter.RowsRead + 1, e.LineNumber + 1);
        }
    }
}
