namespace CdfProvisioning.PowerShell;

/// <summary>
/// Keys of devices that were registered in the very moment their command was stopped, when nothing can be written to the
/// pipeline any more. They go into a private folder beside the registries.
/// </summary>
internal static class UndeliveredKeys
{
    /// <returns>What is to be said of it.</returns>
    public static string Keep(Connection connection, string? thingName, string key, string certificate)
    {
        var folder = Path.Combine(DataFolder.Default, "undelivered-keys");
        using var keys = connection.BulkRegistrations.OpenKeys(folder);
        var name = $"{thingName ?? "device"}-{Guid.NewGuid():N}";
        keys.TryAdd(name, key, certificate);
        keys.Keep(name, key.Length + certificate.Length);
        return $"Thing '{thingName}' was registered when New-CdfThing was stopped: its key and its certificate are in '{keys.FileOf(name)}'.";
    }
}
