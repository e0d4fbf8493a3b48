using CdfProvisioning.Iot;

namespace CdfProvisioning.Provisioning.Undo;

/// <summary>What one call changes in a registry without transactions, so that it can be undone.</summary>
internal sealed class UndoLog
{
    private readonly Stack<Compensation> _changes = new();

    /// <summary>Notes a change before it is made, since its answer may get lost.</summary>
    public void Note(Compensation change) => _changes.Push(change);

    /// <summary>Takes back the last note: the change was not made.</summary>
    public void Withdraw() => _changes.Pop();

    /// <summary>Everything noted so far was made.</summary>
    public void Confirm()
    {
        foreach (var change in _changes)
            change.IsMade = true;
    }

    /// <summary>Undoes everything, newest first; what fails is tried once more when the rest is done. Runs even when the caller has given up: what was made must not stay.</summary>
    /// <exception cref="CdfException">Something remains; the message says what, after the cause.</exception>
    public async ValueTask RunAsync(IDeviceRegistry registry, Exception cause)
    {
        var failed = await UndoAsync(registry, _changes);
        failed = await UndoAsync(registry, failed.Select(f => f.Change));
        _changes.Clear();
        if (failed.Count == 0)
            return;

        var remains = string.Join("; ", failed.Select(f => $"{f.Change} ({f.Why.Message})"));
        var type = (cause as CdfException)?.ErrorType ?? IotErrorType.ResourceRegistrationFailure;
        throw type.Error($"{cause.Message} Undoing it failed too; this remains: {remains}.", cause);
    }

    private static async ValueTask<List<(Compensation Change, Exception Why)>> UndoAsync(IDeviceRegistry registry, IEnumerable<Compensation> changes)
    {
        var failed = new List<(Compensation, Exception)>();
        foreach (var change in changes)
        {
            try
            {
                await change.UndoAsync(registry, CancellationToken.None);
            }
            catch (Exception e)
            {
                failed.Add((change, e));
            }
        }

        return failed;
    }
}
