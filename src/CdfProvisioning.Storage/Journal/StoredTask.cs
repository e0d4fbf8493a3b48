using CdfProvisioning.Lists;

namespace CdfProvisioning.Storage.Journal;

/// <summary>A task as it stands in the file.</summary>
/// <param name="Id">Its key.</param>
/// <param name="Task">The task.</param>
/// <param name="Plan">What it was created with.</param>
/// <param name="Owner">Who runs it, or ran it last.</param>
/// <param name="HasRowsUnderWay">Whether rows were begun that have no result yet.</param>
internal sealed record StoredTask(long Id, BulkRegistrationTask Task, NewTask Plan, string? Owner, bool HasRowsUnderWay);
