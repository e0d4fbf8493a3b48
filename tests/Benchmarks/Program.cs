using System.Globalization;
using CdfProvisioning.Benchmarks;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

var benchmarks = new Dictionary<string, Func<Task>>
{
    ["list"] = ListBenchmark.RunAsync,
    ["million"] = MillionBenchmark.RunAsync,
    ["pwsh"] = PwshBenchmark.RunAsync,
    ["listing"] = ListingBenchmark.RunAsync,
    ["rest"] = RestBenchmark.RunAsync,
    ["import"] = ImportBenchmark.RunAsync,
    ["aws"] = AwsBenchmark.RunAsync,
    ["wire"] = AwsWireBenchmark.RunAsync,
    ["device"] = DeviceBenchmark.RunAsync,
    ["fleet"] = FleetBenchmark.RunAsync,
};

if (args.FirstOrDefault(name => !benchmarks.ContainsKey(name)) is { } unknown)
{
    await Console.Error.WriteLineAsync($"There is no benchmark '{unknown}': choose among {string.Join(", ", benchmarks.Keys)}, or name none to run all.");
    return 1;
}

#if DEBUG
Console.WriteLine("A debug build: figures of any worth come from 'dotnet run -c Release --project tests/Benchmarks'.");
#endif
foreach (var name in args.Length == 0 ? benchmarks.Keys : (IEnumerable<string>)args)
    await benchmarks[name]();
return 0;
