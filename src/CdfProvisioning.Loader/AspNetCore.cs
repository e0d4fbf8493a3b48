using System.Runtime.InteropServices;

namespace CdfProvisioning.Loader;

/// <summary>
/// The ASP.NET Core that is installed on this machine: PowerShell does not bring it, and its version has to be that of the
/// .NET that runs PowerShell.
/// </summary>
public static class AspNetCore
{
    private const string Framework = "Microsoft.AspNetCore.App";

    private static readonly Lazy<string?> FoundFolder = new(Find);

    /// <summary>The folder of its assemblies; null if there is none.</summary>
    public static string? Folder => FoundFolder.Value;

    /// <summary>The version that is needed, such as <c>10.0</c>.</summary>
    public static string Version { get; } = Environment.Version.ToString(2);

    private static string? Find() => Installations()
        .Where(root => !string.IsNullOrEmpty(root))
        .Select(root => Path.Combine(root!, "shared", Framework))
        .Where(Directory.Exists)
        .SelectMany(Directory.EnumerateDirectories)
        .Where(folder => System.Version.TryParse(Path.GetFileName(folder), out var version) && version.ToString(2) == Version)
        .MaxBy(folder => System.Version.Parse(Path.GetFileName(folder)));

    /// <summary>Where a .NET may be installed: the one that runs this process, what the host itself would look at, and PATH.</summary>
    private static IEnumerable<string?> Installations()
    {
        var architecture = RuntimeInformation.ProcessArchitecture.ToString();
        yield return Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        yield return Environment.GetEnvironmentVariable($"DOTNET_ROOT_{architecture.ToUpperInvariant()}");
        yield return Environment.GetEnvironmentVariable("DOTNET_ROOT");
        if (OperatingSystem.IsWindows())
        {
            yield return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "dotnet");
        }
        else
        {
            yield return FirstLine($"/etc/dotnet/install_location_{architecture.ToLowerInvariant()}");
            yield return FirstLine("/etc/dotnet/install_location");
            yield return "/usr/share/dotnet";
            yield return "/usr/lib/dotnet";
            yield return "/usr/local/share/dotnet";
        }

        yield return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".dotnet");
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator))
            yield return FolderOfDotnet(Path.Combine(folder, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
    }

    private static string? FirstLine(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadLines(file).FirstOrDefault()?.Trim() : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The command on PATH is often a link.</summary>
    private static string? FolderOfDotnet(string command)
    {
        try
        {
            return File.Exists(command) ? Path.GetDirectoryName(File.ResolveLinkTarget(command, returnFinalTarget: true)?.FullName ?? command) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
