using CdfProvisioning.Lists;

namespace CdfProvisioning.Aws.Tasks;

/// <summary>Which rows may be registered side by side: those that have neither the thing nor the certificate of another that is not over.</summary>
/// <param name="rowsAtOnce">How many rows may be under way.</param>
internal sealed class RowOrder(int rowsAtOnce)
{
    private readonly Dictionary<string, Task> _lastWith = new(StringComparer.Ordinal);

    /// <summary>Splits rows into such that may be registered together, each with what has to be over before. A part is to be begun before the next is asked for.</summary>
    public IEnumerable<(IReadOnlyList<PreparedRow> Together, Task Before)> Split(IReadOnlyList<PreparedRow> rows)
    {
        for (var i = 0; i < rows.Count;)
        {
            var taken = new HashSet<string>(StringComparer.Ordinal);
            var together = rows.Skip(i).TakeWhile(row => KeysOf(row).All(taken.Add)).ToList();
            yield return (together, Task.WhenAll(taken.Select(key => _lastWith.GetValueOrDefault(key, Task.CompletedTask))));
            i += together.Count;
        }
    }

    /// <summary>Notes that a row is begun.</summary>
    /// <returns>To be completed when it is over.</returns>
    public TaskCompletionSource Begin(PreparedRow row)
    {
        var isOver = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (var key in KeysOf(row))
            _lastWith[key] = isOver.Task;
        if (_lastWith.Count > 4 * rowsAtOnce)
            foreach (var (key, last) in _lastWith.Where(entry => entry.Value.IsCompleted).ToList())
                _lastWith.Remove(key);
        return isOver;
    }

    private static IEnumerable<string> KeysOf(PreparedRow row)
    {
        if (row.Failure is not null)
            yield break;
        if (row.ThingName is { } thingName)
            yield return $"thing {thingName}";
        if (row.GivenCertificateId is { } certificateId)
            yield return $"certificate {certificateId}";
    }
}
