using CdfProvisioning.Iot;

namespace CdfProvisioning.Steps;

/// <summary>How to undo one change that a step made in a registry without transactions.</summary>
/// <param name="What">What remains if the undoing fails.</param>
/// <param name="UndoAsync">Undoes it.</param>
internal sealed record Compensation(string What, Func<IDeviceRegistry, CancellationToken, ValueTask> UndoAsync);
