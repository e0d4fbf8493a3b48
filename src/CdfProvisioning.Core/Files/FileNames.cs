namespace CdfProvisioning.Files;

/// <summary>What file names may not be, on any platform: a folder may be moved from one to another.</summary>
internal static class FileNames
{
    /// <summary>Windows takes a device's name (CON, COM1, ...) for the device, whatever extension follows.</summary>
    public static bool IsWindowsDevice(string name)
    {
        name = name.Split('.')[0].ToUpperInvariant();
        return name is "CON" or "PRN" or "AUX" or "NUL"
            || (name.Length == 4 && (name.StartsWith("COM", StringComparison.Ordinal) || name.StartsWith("LPT", StringComparison.Ordinal)) && char.IsAsciiDigit(name[3]));
    }
}
