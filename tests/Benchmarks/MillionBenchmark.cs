using System.Diagnostics;

namespace CdfProvisioning.Benchmarks;

/// <summary>A list of a million devices with keys beside lists of ten thousand, all warm: a device is to cost no more, and memory to stay flat.</summary>
internal static class MillionBenchmark
{
    private const int Few = 10_000;
    private const int Rounds = 3;

    /// <summary>Fewer where the machine has other things to do.</summary>
    private static readonly int Many = int.TryParse(Environment.GetEnvironmentVariable("CDF_BENCHMARK_DEVICES"), out var devices) ? devices : 1_000_000;

    public static async Task RunAsync()
    {
        Figure.Heading($"A list of {Many:N0} devices with keys in one file, beside {Few:N0}, both warm");
        var folder = Directory.CreateTempSubdirectory("cdf-benchmark-").FullName;
        try
        {
            List<double> few = [];
            for (var round = 0; round <= Rounds; round++)
            {
                var perSecond = await RegisterAsync(Path.Combine(folder, $"few-{round}"), Few);
                if (round > 0) // warms up
                    few.Add(perSecond);
            }

            var cpu = Process.GetCurrentProcess().TotalProcessorTime;
            var many = await RegisterAsync(Path.Combine(folder, "many"), Many);
            var process = Process.GetCurrentProcess();
            Figure.Print($"a device of {Many:N0}", 1e6 / many, $"a device of {Few:N0}", 1e6 / Figure.Median(few), "us", "1.1 at most");
            Console.WriteLine($"  {(process.TotalProcessorTime - cpu).TotalMicroseconds / Many,53:N0} us   of CPU each, and {process.PeakWorkingSet64 / 1e6:N0} MB at most; aim below 200 MB");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Task<double> RegisterAsync(string folder, int devices) =>
        ListBenchmark.DevicesPerSecondAsync(folder, keyFolder: null, Path.Combine(folder, "keys.jsonl"), devices);
}
