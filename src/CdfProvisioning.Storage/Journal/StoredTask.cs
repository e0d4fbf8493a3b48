using CdfProvisioning.Lists;

namespace CdfProvisioning.Storage.Journal;

/// <summary>A task as it stands in the file.</summary>
/// <param name="Id">Its key.</param>
/// <param name="Task">The task.</param>
/// <param name="Plan">What it was created with.</param>
/// <param name="Owner">Who runs it, or ran it last.</param>
/// <param name="MayHaveLeft">Whether rows were begun that have no result yet, or keys may have been filed for such rows: once its owner is gone, that has to be settled.</param>
internal sealed record StoredTask(long Id, BulkRegistrationTask Task, NewTask Plan, string? Owner, bool MayHaveLeft);
