using CdfProvisioning.Files;
using CdfProvisioning.Lists;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Storage.Journal;

/// <summary>A task in the hands of its one owner.</summary>
/// <param name="Database">The file that the task is in.</param>
/// <param name="Owner">The lock of this owner.</param>
/// <param name="Id">The task's key in the file.</param>
/// <param name="TaskId">The task's id.</param>
/// <param name="Plan">What the task was created with.</param>
/// <param name="RowsDone">How many rows have results; null while the list is being received.</param>
internal sealed record TaskClaim(Database Database, OwnerLock Owner, long Id, string TaskId, NewTask Plan, long? RowsDone);
