using System.Diagnostics;
using CdfProvisioning.Bulk;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Local;

namespace CdfProvisioning.Benchmarks;

/// <summary>Lists of 10,000 devices, with and without certificates, from the first row handed over to the last result committed.</summary>
internal static class ListBenchmark
{
    private const int Devices = 10_000;
    private const int Rounds = 5;

    /// <summary>What a device without a certificate takes in the file, about.</summary>
    private const int BytesPerThing = 200;

    private const string PlainTemplate = """
        {
          "Parameters": { "ThingName": { "Type": "String" }, "SerialNumber": { "Type": "String" } },
          "Resources": {
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" }, "AttributePayload": { "serialNumber": { "Ref": "SerialNumber" } } } }
          }
        }
        """;

    private const string CertificateTemplate = """
        {
          "Parameters": {
            "ThingName": { "Type": "String" }, "SerialNumber": { "Type": "String" },
            "CertificatePem": { "Type": "String" }, "CaCertificatePem": { "Type": "String" }
          },
          "Resources": {
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" }, "AttributePayload": { "serialNumber": { "Ref": "SerialNumber" } } } },
            "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificatePem": { "Ref": "CertificatePem" }, "CACertificatePem": { "Ref": "CaCertificatePem" } } },
            "policy": { "Type": "AWS::IoT::Policy", "Properties": { "PolicyName": "sensors" } }
          },
          "CDF": { "createDeviceCertificate": true }
        }
        """;

    public static async Task RunAsync()
    {
        Figure.Heading($"A list of {Devices:N0} devices on the embedded registry, medians of {Rounds} rounds");
        var folder = Directory.CreateTempSubdirectory("cdf-benchmark-").FullName;
        try
        {
            await RunAsync(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RunAsync(string folder)
    {
        List<double> withCertificates = [], certificatesAlone = [], withoutCertificates = [], insertsAlone = [];
        for (var round = 0; round < Rounds; round++)
        {
            certificatesAlone.Add(Peers.CertificatesPerSecond(Devices));
            withCertificates.Add(await DevicesPerSecondAsync(Path.Combine(folder, $"certificates-{round}"), makesCertificates: true));
            insertsAlone.Add(Peers.RowsPerSecond(Directory.CreateDirectory(Path.Combine(folder, $"peer-{round}")).FullName, Devices, BytesPerThing));
            withoutCertificates.Add(await DevicesPerSecondAsync(Path.Combine(folder, $"plain-{round}"), makesCertificates: false));
        }

        Figure.Print("with key, certificate and policy", Figure.Median(withCertificates), ".NET's CertificateRequest alone, 2 threads", Figure.Median(certificatesAlone), "/s", "2.5");
        Figure.Print("things alone", Figure.Median(withoutCertificates), "bare SQLite inserts, 1 transaction", Figure.Median(insertsAlone), "/s", "0.6");
    }

    private static async Task<double> DevicesPerSecondAsync(string folder, bool makesCertificates)
    {
        await using var connection = await LocalBackend.OpenAsync(new LocalBackendOptions(folder), CancellationToken.None);
        await connection.Templates.PutAsync("sensor", makesCertificates ? CertificateTemplate : PlainTemplate, CancellationToken.None);
        await connection.Registry.InvokeAsync(new CreatePolicyRequest("sensors", "{}"), CancellationToken.None);
        var ca = await connection.CertificateAuthorities.CreateAsync(new SubjectFields("Benchmark CA"), TimeSpan.FromDays(1000), CancellationToken.None);
        var request = new BulkRegistrationRequest(
            "sensor", makesCertificates ? Path.Combine(folder, "keys") : null,
            new CdfProvisioningParameters { CaId = ca.CaId, CertInfo = new CertInfo { CommonName = "sensor" } });

        var clock = Stopwatch.StartNew();
        var task = await connection.BulkRegistrations.StartAsync(request, Rows(), CancellationToken.None);
        task = await connection.BulkRegistrations.WaitAsync(task.TaskId, progress: null, CancellationToken.None);
        var elapsed = clock.Elapsed;
        return task.SuccessCount == Devices
            ? Devices / elapsed.TotalSeconds
            : throw new InvalidOperationException($"Only {task.SuccessCount} devices were registered: {task.Message}");
    }

    private static IAsyncEnumerable<IReadOnlyDictionary<string, string>> Rows() => Enumerable.Range(1, Devices)
        .Select(IReadOnlyDictionary<string, string> (i) => new Dictionary<string, string> { ["ThingName"] = $"sensor-{i}", ["SerialNumber"] = $"SN-{i}" })
        .ToAsyncEnumerable();
}
