using System.Globalization;

namespace CdfProvisioning.Benchmarks;

/// <summary>What a user waits for in a real pwsh: the first list, finding a thousand things of a million, and removing what was registered.</summary>
internal static class PwshBenchmark
{
    private const int Registered = 100_000;
    private const int Listed = 10_000;
    private const int Many = 1_000_000;

    private const string Prepare = """
        $ErrorActionPreference = 'Stop'
        Import-Module '{0}'
        $null = Set-CdfTemplate sensor -Body $env:BENCHMARK_TEMPLATE
        $null = Set-CdfTemplate plain -Body $env:BENCHMARK_PLAIN
        $null = New-CdfPolicy sensors $env:BENCHMARK_POLICY
        $ca = New-CdfCertificateAuthority -CommonName Benchmark
        $keys = @{{ KeyFile = "$env:CDF_HOME/keys.jsonl"; CdfParameters = @{{ caId = $ca.CaId; certInfo = @{{ commonName = 'sensor' }} }} }}
        function Write-List($count, $prefix) {{
            $path = "$env:CDF_HOME/$prefix.csv"
            $file = [IO.StreamWriter]::new($path)
            $file.WriteLine('ThingName,SerialNumber')
            for ($i = 0; $i -lt $count; $i++) {{ $file.WriteLine($prefix + $i.ToString('000000') + ',' + $i) }}
            $file.Dispose()
            $path
        }}
        function Measure-Seconds($what) {{ [Console]::WriteLine((Measure-Command $what).TotalSeconds.ToString([cultureinfo]::InvariantCulture)) }}
        """;

    public static async Task RunAsync()
    {
        Figure.Heading("In a real pwsh");
        var first = await MeasureAsync($$"""
            $lists = 1..4 | ForEach-Object { Write-List {{Listed}} "list$_-" }
            $lists | ForEach-Object { $list = $_; Measure-Seconds { $null = Start-CdfBulkRegistration sensor $list @keys -Wait } }
            """);
        Figure.Print($"the first list of {Listed:N0} with keys, a device", 1e6 * first[0] / Listed, "the fourth", 1e6 * first[3] / Listed, "us", "1.4 at most");

        var removed = await MeasureAsync($$"""
            $list = Write-List {{Registered}} 'sen-'
            Measure-Seconds { $null = Start-CdfBulkRegistration sensor $list @keys -Wait }
            Measure-Seconds { Get-Content $list | Select-Object -Skip 1 | ForEach-Object { $_.Substring(0, 10) } | Set-CdfThingCertificateStatus -Status INACTIVE }
            Measure-Seconds { Get-Content $list | Select-Object -Skip 1 | ForEach-Object { $_.Substring(0, 10) } | Remove-CdfThing -IncludeCertificates -Force }
            if (Get-CdfThing | Select-Object -First 1) { throw 'Things are left.' }
            """);
        Figure.Print($"removing {Registered:N0} things with certificates", removed[2], "registering them", removed[0], "s", "1 at most");
        Figure.Print("  setting the status of their certificates", removed[1], "registering them", removed[0], "s");

        var found = await MeasureAsync($$"""
            $list = Write-List {{Many}} 'big-'
            $null = Start-CdfBulkRegistration plain $list -Wait
            $names = 500000..500999 | ForEach-Object { "big-$_" }
            $null = Get-CdfThing big-0499*
            foreach ($name in $names) { $null = Get-CdfThing $name }
            Measure-Seconds { foreach ($name in $names) { $null = Get-CdfThing $name } }
            Measure-Seconds { if (@(Get-CdfThing big-500*).Count -ne 1000) { throw 'Others were found.' } }
            Measure-Seconds { Get-CdfThing big-00* | ForEach-Object { } }
            Measure-Seconds { Get-CdfThing big-0* | ForEach-Object { } }
            """);
        Figure.Print($"1,000 of {Many:N0} by the beginning of their name", 1e3 * found[1], "1,000 single reads", 1e3 * found[0], "ms", "0.5 at most");
        Figure.Print($"  100,000 of {Many:N0}, streamed", 1e5 / found[3], "10,000 of them", 1e4 / found[2], "/s", "about 1: linear");
    }

    /// <returns>The seconds that the script prints, one a line.</returns>
    private static async Task<double[]> MeasureAsync(string script)
    {
        var folder = Directory.CreateTempSubdirectory("cdf-benchmark-").FullName;
        try
        {
            using var child = Pwsh.Start(
                $"{string.Format(CultureInfo.InvariantCulture, Prepare, Pwsh.Manifest)}\n{script}",
                ("CDF_HOME", folder), ("BENCHMARK_TEMPLATE", ListBenchmark.CertificateTemplate), ("BENCHMARK_PLAIN", ListBenchmark.PlainTemplate), ("BENCHMARK_POLICY", ListBenchmark.PolicyDocument));
            var output = await child.StandardOutput.ReadToEndAsync();
            await child.WaitForExitAsync();
            return child.ExitCode == 0
                ? [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => double.Parse(line, CultureInfo.InvariantCulture))]
                : throw new InvalidOperationException($"pwsh failed: {output}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
