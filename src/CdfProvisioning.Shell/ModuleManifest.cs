namespace CdfProvisioning.Shell;

/// <summary>Finds the module in the repository that this program was built in.</summary>
internal static class ModuleManifest
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var manifest = System.IO.Path.Combine(folder.FullName, "CdfProvisioning.psd1");
            if (File.Exists(manifest))
                return manifest;
        }

        throw new FileNotFoundException($"No folder above '{AppContext.BaseDirectory}' has CdfProvisioning.psd1.");
    }
}
