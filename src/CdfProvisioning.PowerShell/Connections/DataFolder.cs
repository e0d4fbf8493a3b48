namespace CdfProvisioning.PowerShell;

/// <summary>Where the embedded registry is kept unless Connect-Cdf says otherwise.</summary>
internal static class DataFolder
{
    public static string Default => Environment.GetEnvironmentVariable("CDF_HOME") is { Length: > 0 } home
        ? Path.GetFullPath(home)
        : Path.Combine(OfThePlatform, nameof(CdfProvisioning));

    // On Linux .NET's LocalApplicationData is XDG_DATA_HOME, or ~/.local/share; on macOS it is not where data belongs.
    private static string OfThePlatform => OperatingSystem.IsMacOS()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "Library", "Application Support")
        : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
}
