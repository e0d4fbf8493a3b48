using System.Globalization;

namespace CdfProvisioning.Benchmarks;

/// <summary>Import-Module of our module and of an empty one, each time in a pwsh of its own.</summary>
internal static class ImportBenchmark
{
    private const int Rounds = 7;

    public static async Task RunAsync()
    {
        Figure.Heading($"Import-Module in a new pwsh, medians of {Rounds} rounds");
        var folder = Directory.CreateTempSubdirectory("cdf-benchmark-").FullName;
        try
        {
            var empty = Path.Combine(folder, "Empty.psd1");
            await File.WriteAllTextAsync(empty, "@{ ModuleVersion = '1.0.0' }");
            List<double> ours = [], emptys = [], firsts = [];
            for (var round = 0; round < Rounds; round++)
            {
                emptys.Add((await MillisecondsAsync(empty, "$null"))[0]);
                var times = await MillisecondsAsync(Pwsh.Manifest, "Get-CdfConnection");
                ours.Add(times[0]);
                firsts.Add(times[1]);
            }

            Figure.Print("CdfProvisioning", Figure.Median(ours), "an empty module", Figure.Median(emptys), "ms", $"{Figure.Median(emptys) + 60:N0} ms");
            Figure.Print("  its first command", Figure.Median(firsts), "an empty module", Figure.Median(emptys), "ms", "60 ms");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <returns>What the import takes, and then a command.</returns>
    private static async Task<double[]> MillisecondsAsync(string manifest, string command)
    {
        using var child = Pwsh.Start($$"""
            $null = Get-Module
            foreach ($step in { Import-Module '{{manifest}}' }, { {{command}} }) { (Measure-Command $step).TotalMilliseconds.ToString([cultureinfo]::InvariantCulture) }
            """);
        var output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => double.Parse(line, CultureInfo.InvariantCulture))];
    }
}
