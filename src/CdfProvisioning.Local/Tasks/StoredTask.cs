using CdfProvisioning.Bulk;

namespace CdfProvisioning.Local.Tasks;

/// <summary>A task as it stands in the file.</summary>
internal sealed record StoredTask(long Id, BulkRegistrationTask Task, NewTask Plan, string? Owner);
