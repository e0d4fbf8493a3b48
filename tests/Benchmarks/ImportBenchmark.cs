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
            List<double> ours = [], emptys = [];
            for (var round = 0; round < Rounds; round++)
            {
                emptys.Add(await MillisecondsAsync(empty));
                ours.Add(await MillisecondsAsync(Pwsh.Manifest));
            }

            Figure.Print("CdfProvisioning", Figure.Median(ours), "an empty module", Figure.Median(emptys), "ms");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> MillisecondsAsync(string manifest)
    {
        using var child = Pwsh.Start($"$null = Get-Module; (Measure-Command {{ Import-Module '{manifest}' }}).TotalMilliseconds.ToString([cultureinfo]::InvariantCulture)");
        var output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        return double.Parse(output, CultureInfo.InvariantCulture);
    }
}
