using System.Diagnostics;
using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded;
using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Fleet;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;
using CdfProvisioning.Reports;

namespace CdfProvisioning.Benchmarks;

/// <summary>What is done every day after, over a hundred thousand devices and over a million: time is to be linear, and memory flat.</summary>
internal static class FleetBenchmark
{
    private const int Few = 100_000;
    private const int Many = 1_000_000;

    public static async Task RunAsync()
    {
        Figure.Heading("Every day after, over many devices of the embedded registry");
        var few = await MeasureAsync(Few);
        var many = await MeasureAsync(Many);
        foreach (var ((what, seconds, memory), (_, fewSeconds, fewMemory)) in many.Zip(few))
        {
            Figure.Print($"{what}, {Many:N0}", Many / seconds, $"{Few:N0}", Few / fewSeconds, "/s");
            Figure.Print("  memory at most", memory, $"{Few:N0}", fewMemory, "MB");
        }
    }

    private static async Task<List<(string What, double Seconds, double Megabytes)>> MeasureAsync(int devices)
    {
        var folder = Directory.CreateTempSubdirectory("cdf-benchmark-").FullName;
        try
        {
            await using var connection = await EmbeddedBackend.OpenAsync(new EmbeddedBackendOptions(folder), CancellationToken.None);
            var request = await FillAsync(connection, devices);
            return
            [
                await TimeAsync("Compare-CdfList", () => CompareAsync(connection, request, devices)),
                await TimeAsync("Get-CdfCertificate -ExpiresWithin", () => FindAsync(connection, devices)),
                await TimeAsync("Export-CdfReport", () => ReportAsync(connection)),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>One device is registered; the others are its copies in the registry's file, for making a million keys would take longer than all that is measured.</summary>
    private static async Task<BulkRegistrationRequest> FillAsync(Connection connection, int devices)
    {
        await connection.Templates.PutAsync("sensor", ListBenchmark.CertificateTemplate, CancellationToken.None);
        await connection.Registry.InvokeAsync(new CreatePolicyRequest("sensors", ListBenchmark.PolicyDocument), CancellationToken.None);
        var ca = await connection.CertificateAuthorities.CreateAsync(new SubjectFields("Benchmark CA"), TimeSpan.FromDays(1000), CancellationToken.None);
        var request = new BulkRegistrationRequest("sensor", KeyDirectory: null, new CdfProvisioningParameters { CaId = ca.CaId, CertInfo = new CertInfo { CommonName = "sensor" } });
        await connection.Things.ProvisionAsync(new("sensor", Row(1), request.CdfParameters), CancellationToken.None);
        await ((EmbeddedRegistry)connection.Registry).WriteAsync(
            scope =>
            {
                scope.Session.ExecuteScript($$"""
                    CREATE TEMP TABLE number AS WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {{devices}}) SELECT i FROM n;
                    INSERT INTO thing (id, name, uuid, attributes, version, created_at)
                        SELECT i, 'sensor-' || i, randomblob(16), '{"serialNumber":"SN-' || i || '"}', 1, created_at FROM number, (SELECT created_at FROM thing);
                    INSERT INTO certificate (id, fingerprint, der, status, ca_id, mode, created_at, modified_at, customer_version, not_after)
                        SELECT i, randomblob(32), der, status, ca_id, mode, created_at, modified_at, customer_version, not_after - i * 1000 FROM number, (SELECT * FROM certificate);
                    INSERT INTO thing_principal SELECT i, i, exclusive FROM number, (SELECT exclusive FROM thing_principal);
                    INSERT INTO certificate_policy SELECT i, policy_id FROM number, (SELECT policy_id FROM certificate_policy);
                    DROP TABLE number;
                    """);
                return devices;
            },
            CancellationToken.None);
        return request;
    }

    private static async Task CompareAsync(Connection connection, BulkRegistrationRequest request, int devices)
    {
        using var comparison = await connection.Synchronizations.CompareAsync(request, new DeviceScope(null, null), CancellationToken.None);
        var same = 0;
        for (var i = 1; i <= devices; i++)
            same += (await comparison.AddAsync(Row(i), failure: null, CancellationToken.None)).Count(row => row.Device.State == DeviceState.Same);
        same += (await comparison.EndAsync(CancellationToken.None)).Count(row => row.Device.State == DeviceState.Same);
        Check(same, devices);
    }

    private static async Task FindAsync(Connection connection, int devices) =>
        Check(await connection.Certificates.FindAsync(new() { ExpiresBefore = DateTimeOffset.MaxValue }, CancellationToken.None).CountAsync(), devices);

    private static async Task ReportAsync(Connection connection) =>
        _ = ReportPage.Write(await connection.Reports.ReadAsync(taskIds: null, asksForCertificates: true, _ => { }, CancellationToken.None));

    private static Dictionary<string, string> Row(int number) => new() { ["ThingName"] = $"sensor-{number}", ["SerialNumber"] = $"SN-{number}" };

    private static void Check(int found, int devices)
    {
        if (found != devices)
            throw new InvalidOperationException($"There were {found:N0} instead of {devices:N0}.");
    }

    private static async Task<(string What, double Seconds, double Megabytes)> TimeAsync(string what, Func<Task> work)
    {
        GC.Collect();
        using var isOver = new CancellationTokenSource();
        var memory = PeakAsync(isOver.Token);
        var clock = Stopwatch.StartNew();
        await Task.Run(work, CancellationToken.None);
        var seconds = clock.Elapsed.TotalSeconds;
        await isOver.CancelAsync();
        return (what, seconds, await memory);
    }

    private static async Task<double> PeakAsync(CancellationToken cancellationToken)
    {
        var most = 0L;
        while (!cancellationToken.IsCancellationRequested)
        {
            most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false));
            await Task.Delay(50, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return most / 1e6;
    }
}
