using System.Diagnostics;
using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;

namespace CdfProvisioning.Benchmarks;

/// <summary>Lists of 10,000 devices, with and without certificates, from the first row handed over to the last result committed.</summary>
internal static class ListBenchmark
{
    private const int Devices = 10_000;
    private const int Rounds = 5;

    /// <summary>More devices than a list takes until its code is compiled to the full; what a cold start costs, <see cref="PwshBenchmark"/> measures.</summary>
    private const int WarmUp = 400_000;
    private const string MemoryFolder = "/dev/shm";

    public const string PlainTemplate = """
        {
          "Parameters": { "ThingName": { "Type": "String" }, "SerialNumber": { "Type": "String" } },
          "Resources": {
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" }, "AttributePayload": { "serialNumber": { "Ref": "SerialNumber" } } } }
          }
        }
        """;

    public const string CertificateTemplate = """
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

    public const string PolicyDocument = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iot:Connect","Resource":"*"}}""";

    public static async Task RunAsync()
    {
        Figure.Heading($"A list of {Devices:N0} devices on the embedded registry, warm, medians of {Rounds} rounds");
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
        List<double> keysOnDisk = [], keysInMemory = [], certificates = [], keyFiles = [], things = [], inserts = [], oneFile = [], mathematics = [];
        await DevicesPerSecondAsync(Path.Combine(folder, "warm"), keyFolder: null, devices: WarmUp);
        await DevicesPerSecondAsync(Path.Combine(folder, "warm-keys"), keyFolder: null, Path.Combine(folder, "warm-keys.jsonl"), WarmUp / 4);
        for (var round = 0; round < Rounds; round++)
        {
            string Of(string what) => Path.Combine(folder, $"{what}-{round}");
            certificates.Add(Peers.CertificatesPerSecond(Devices));
            if (Peers.KeysAndSignaturesPerSecond(4 * Devices) is { } keysAndSignatures)
                mathematics.Add(keysAndSignatures);
            oneFile.Add(await DevicesPerSecondAsync(Of("one-file"), keyFolder: null, Of("one-file.jsonl")));
            keyFiles.Add(Peers.FilesPerSecond(Of("files"), Devices));
            keysOnDisk.Add(await DevicesPerSecondAsync(Of("disk"), Of("disk-keys")));
            if (Directory.Exists(MemoryFolder))
                keysInMemory.Add(await WithKeysInMemoryAsync(Of("memory")));
            var plain = await DevicesPerSecondAsync(Of("plain"), keyFolder: null);
            things.Add(plain);
            inserts.Add(RawInserts.DevicesPerSecond(RegistryFile(Of("plain")), Of("raw.db"), Devices));
        }

        const string CertificatePeer = ".NET's CertificateRequest alone, 2 threads";
        Figure.Print("with certificates, keys in one file", Figure.Median(oneFile), CertificatePeer, Figure.Median(certificates), "/s", "3.5");
        if (mathematics.Count > 0)
            Figure.Print("  the same", Figure.Median(oneFile), "the mathematics alone, 2 threads", Figure.Median(mathematics), "/s", "0.45");
        if (keysInMemory.Count > 0)
            Figure.Print("with certificates, key files in memory", Figure.Median(keysInMemory), CertificatePeer, Figure.Median(certificates), "/s", "2.5");
        Figure.Print("with certificates, key files on disk", Figure.Median(keysOnDisk), CertificatePeer, Figure.Median(certificates), "/s");
        Figure.Print("  the same", Figure.Median(keysOnDisk), "bare files of that size, 2 threads", Figure.Median(keyFiles), "/s");
        Figure.Print("without certificates", Figure.Median(things), "the same rows by raw statements", Figure.Median(inserts), "/s", "0.5");
    }

    /// <summary>The engine without the cost of a file a key, which on a disk depends on little but its file system.</summary>
    public static async Task<double> WithKeysInMemoryAsync(string folder)
    {
        var keys = Directory.CreateDirectory(Path.Combine(MemoryFolder, Path.GetRandomFileName())).FullName;
        try
        {
            return await DevicesPerSecondAsync(folder, keys);
        }
        finally
        {
            Directory.Delete(keys, recursive: true);
        }
    }

    /// <param name="folder">The registry's.</param>
    /// <param name="keyFolder">Where keys go; null for devices without certificates.</param>
    /// <param name="keyFile">The file that keys go into instead.</param>
    /// <param name="devices">How many devices.</param>
    public static async Task<double> DevicesPerSecondAsync(string folder, string? keyFolder, string? keyFile = null, int devices = Devices)
    {
        await using var connection = await EmbeddedBackend.OpenAsync(new EmbeddedBackendOptions(folder), CancellationToken.None);
        await connection.Templates.PutAsync("sensor", keyFolder is null && keyFile is null ? PlainTemplate : CertificateTemplate, CancellationToken.None);
        await connection.Registry.InvokeAsync(new CreatePolicyRequest("sensors", PolicyDocument), CancellationToken.None);
        var ca = await connection.CertificateAuthorities.CreateAsync(new SubjectFields("Benchmark CA"), TimeSpan.FromDays(1000), CancellationToken.None);
        var request = new BulkRegistrationRequest(
            "sensor", keyFolder,
            new CdfProvisioningParameters { CaId = ca.CaId, CertInfo = new CertInfo { CommonName = "sensor" } })
        { KeyFile = keyFile };

        var clock = Stopwatch.StartNew();
        var task = await connection.BulkRegistrations.StartAsync(request, Rows(devices), CancellationToken.None);
        task = await connection.BulkRegistrations.WaitAsync(task.TaskId, progress: null, CancellationToken.None);
        var elapsed = clock.Elapsed;
        return task.SuccessCount == devices
            ? devices / elapsed.TotalSeconds
            : throw new InvalidOperationException($"Only {task.SuccessCount} devices were registered: {task.Message}");
    }

    /// <summary>Rows for either template.</summary>
    public static IAsyncEnumerable<IReadOnlyDictionary<string, string>> Rows(int devices) => Enumerable.Range(1, devices)
        .Select(IReadOnlyDictionary<string, string> (i) => new Dictionary<string, string> { ["ThingName"] = $"sensor-{i}", ["SerialNumber"] = $"SN-{i}" })
        .ToAsyncEnumerable();

    public static string RegistryFile(string folder) => Path.Combine(folder, "us-east-1", "registry.db");
}
