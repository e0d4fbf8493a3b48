namespace CdfProvisioning.PowerShell.Tests;

/// <summary>The repository that these tests were built in.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot(new DirectoryInfo(AppContext.BaseDirectory));

    public static string Manifest => PathOf("CdfProvisioning.psd1");

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot(DirectoryInfo folder) => File.Exists(Path.Combine(folder.FullName, "CdfProvisioning.psd1"))
        ? folder.FullName
        : FindRoot(folder.Parent ?? throw new FileNotFoundException("No folder above the tests has CdfProvisioning.psd1."));
}
