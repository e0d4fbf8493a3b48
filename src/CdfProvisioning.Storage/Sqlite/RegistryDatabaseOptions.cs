namespace CdfProvisioning.Storage.Sqlite;

/// <param name="FullSync">
/// Wait for the disk at every commit. Without it a power failure can take the last commits (never a part of one); the end
/// of the process, however sudden, takes nothing either way.
/// </param>
internal sealed record RegistryDatabaseOptions(bool FullSync = false);
