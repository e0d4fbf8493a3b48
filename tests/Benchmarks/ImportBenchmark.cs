using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace CdfProvisioning.Benchmarks;

/// <summary>Import-Module of our module and of an empty one, each time in a process of its own.</summary>
internal static class ImportBenchmark
{
    public const string ChildArgument = "import-and-report";

    private const int Rounds = 7;

    public static async Task RunAsync()
    {
        Figure.Heading($"Import-Module in a new process, medians of {Rounds} rounds");
        var folder = Directory.CreateTempSubdirectory("cdf-benchmark-").FullName;
        try
        {
            var empty = Path.Combine(folder, "Empty.psd1");
            await File.WriteAllTextAsync(empty, "@{ ModuleVersion = '1.0.0' }");
            List<double> ours = [], emptys = [];
            for (var round = 0; round < Rounds; round++)
            {
                emptys.Add(await MillisecondsAsync(empty));
                ours.Add(await MillisecondsAsync(FindManifest()));
            }

            Figure.Print("CdfProvisioning", Figure.Median(ours), "an empty module", Figure.Median(emptys), "ms");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static void ImportAndReport(string manifest)
    {
        using var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        runspace.Open();
        using (var warmUp = PowerShell.Create(runspace))
            warmUp.AddScript("Get-Module").Invoke();
        using var import = PowerShell.Create(runspace);
        import.AddCommand("Import-Module").AddArgument(manifest);
        var clock = Stopwatch.StartNew();
        import.Invoke();
        Console.WriteLine(clock.Elapsed.TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
    }

    private static async Task<double> MillisecondsAsync(string manifest)
    {
        using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [ChildArgument, manifest]) { RedirectStandardOutput = true })!;
        var output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        return double.Parse(output, CultureInfo.InvariantCulture);
    }

    public static string FindManifest()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "CdfProvisioning.psd1") is var manifest && File.Exists(manifest))
                return manifest;
        throw new FileNotFoundException("No folder above the benchmarks has CdfProvisioning.psd1.");
    }
}
