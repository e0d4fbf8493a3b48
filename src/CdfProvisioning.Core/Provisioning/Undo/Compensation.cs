using CdfProvisioning.Iot;

namespace CdfProvisioning.Provisioning.Undo;

/// <summary>How to undo one change in a registry without transactions. Undoing what was not done, or is undone already, is of no effect.</summary>
/// <param name="what">What remains if the undoing fails.</param>
/// <param name="undo">Undoes it.</param>
internal sealed class Compensation(Func<string> what, Func<IDeviceRegistry, CancellationToken, ValueTask> undo)
{
    /// <summary>Whether the change was made for certain: before its answer is there, it may or may not have been.</summary>
    public bool IsMade { get; set; }

    public ValueTask UndoAsync(IDeviceRegistry registry, CancellationToken cancellationToken) => undo(registry, cancellationToken);

    public override string ToString() => IsMade ? what() : $"perhaps {what()}";
}
