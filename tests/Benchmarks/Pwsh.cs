using System.Diagnostics;
using System.Text.Json.Nodes;

namespace CdfProvisioning.Benchmarks;

/// <summary>The real pwsh, which the repository's tool manifest brings (<c>dotnet tool restore</c>).</summary>
internal static class Pwsh
{
    private static readonly string Repository = FindRepository();

    /// <summary>The module's manifest.</summary>
    public static string Manifest => Path.Combine(Repository, "CdfProvisioning.psd1");

    /// <summary>Starts a script, whose standard input and output are the caller's. <c>dotnet pwsh</c> would start pwsh as a child of the child.</summary>
    public static Process Start(string script, params IEnumerable<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo("dotnet", [Library, "-NoProfile", "-NonInteractive", "-Command", script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static string Library
    {
        get
        {
            var tools = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository, ".config", "dotnet-tools.json")))!;
            var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
                ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            var library = Path.Combine(
                packages, "powershell", (string)tools["tools"]!["powershell"]!["version"]!, "tools", "net10.0", "any", OperatingSystem.IsWindows() ? "win" : "unix", "pwsh.dll");
            return File.Exists(library) ? library : throw new FileNotFoundException($"There is no {library}: run 'dotnet tool restore'.");
        }
    }

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "CdfProvisioning.psd1")))
                return folder.FullName;
        throw new FileNotFoundException("No folder above the benchmarks has CdfProvisioning.psd1.");
    }
}
