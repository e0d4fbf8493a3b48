using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CdfProvisioning.Aws;
using CdfProvisioning.Aws.Credentials;
using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded;
using CdfProvisioning.Iot;
using CdfProvisioning.Keys;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Fuzz;

/// <summary>
/// Several processes start, stop and resume lists and register single devices over one registry, one key folder and one key file, with
/// the same names, hand keys out, and are killed at any moment: in the end every certificate has exactly one key, which is filed or was handed out,
/// and no key has none. On both backends.
/// </summary>
public sealed class ListFuzz : IDisposable
{
    private const string FolderVariable = "CDF_FUZZ_LISTS";
    private const string EndpointVariable = "CDF_FUZZ_ENDPOINT";
    private const string Working = "working";

    /// <summary>Files with a byte for each step that was done: what the processes did between their beginnings and their kills.</summary>
    private const string Steps = "steps-";

    /// <summary>Files with the certificate of each key that was handed out.</summary>
    private const string Answers = "answers-";

    private const int Processes = 3;
    private const int InputsPerKill = 60;
    private const int Names = 200;
    private const string AccessKey = "AKIAEXAMPLE";
    private const string TemplateBucket = "templates";

    /// <summary>Nobody is left working whose test was killed itself.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private const string Template = """
        {
          "Parameters": { "ThingName": { "Type": "String" }, "CertificatePem": { "Type": "String" }, "CaCertificatePem": { "Type": "String" } },
          "Resources": {
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" } } },
            "certificate": {
              "Type": "AWS::IoT::Certificate",
              "Properties": { "CertificatePem": { "Ref": "CertificatePem" }, "CACertificatePem": { "Ref": "CaCertificatePem" }, "Status": "ACTIVE" }
            }
          },
          "CDF": { "createDeviceCertificate": true }
        }
        """;

    private readonly TemporaryFolder _folder = new();
    private AwsHost? _account;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("embedded")]
    [InlineData("AWS")]
    public async Task Killed_lists(string backend)
    {
        var chance = new Chance(nameof(Killed_lists));
        if (backend == "AWS")
        {
            Directory.CreateDirectory(_folder.File($"account/buckets/{TemplateBucket}"));
            _account = await AwsHost.StartAsync(new(AccessKey, AccessKey), folder: _folder.File("account"));
        }

        await using var account = _account;
        await using (var connection = await OpenAsync(_folder.Path, _account?.Endpoint))
        {
            await connection.Templates.PutAsync("device", Template, Cancellation);
            await connection.CertificateAuthorities.CreateAsync(new SubjectFields("CA"), TimeSpan.FromDays(1000), Cancellation);
        }

        var children = new ChildProcess?[Processes];
        for (var kill = 0; kill < Math.Max(Chance.Count / InputsPerKill, Processes); kill++)
        {
            for (var i = 0; i < children.Length; i++)
                children[i] ??= await StartAsync(chance);
            await KillAsync(chance.Next(children.Length));
            if (kill % 20 == 19)
            {
                for (var i = 0; i < children.Length; i++)
                    await KillAsync(i);
                await CheckAsync(chance);
            }
        }

        for (var i = 0; i < children.Length; i++)
            await KillAsync(i);
        await CheckAsync(chance);

        async Task KillAsync(int i)
        {
            using var child = children[i];
            if (child is not null)
                await child.KillAsync(within: TimeSpan.FromMilliseconds(400));
            children[i] = null;
        }
    }

    /// <summary>The child process: works until it is killed.</summary>
    private static async Task WorkUntilKilledAsync()
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable)!;
        var chance = new Chance(nameof(WorkUntilKilledAsync));
        var endpoint = Environment.GetEnvironmentVariable(EndpointVariable);
        await using var connection = await OpenAsync(folder, string.IsNullOrEmpty(endpoint) ? null : new Uri(endpoint));
        var ca = await connection.Registry.CaCertificatesAsync(Cancellation).FirstAsync(Cancellation);
        var cdf = new CdfProvisioningParameters { CaId = ca.CertificateId, CertInfo = new() { CommonName = "device" } };
        var lists = connection.BulkRegistrations;
        using var keys = lists.OpenKeys(KeysOf(folder));
        using var steps = OpenOwn(folder, Steps);
        using var answers = OpenOwn(folder, Answers);
        Console.WriteLine(Working);
        for (var end = DateTime.UtcNow + Longest; DateTime.UtcNow < end;)
        {
            try
            {
                switch (chance.Next(10))
                {
                    case < 3:
                        var request = new BulkRegistrationRequest("device", KeysOf(folder), cdf);
                        var names = Enumerable.Range(0, 5 + chance.Next(60)).Select(_ => Name()).ToList();
                        var started = await lists.StartAsync(
                            chance.Is(0.6) ? request : request with { KeyDirectory = null, KeyFile = KeyFileOf(folder) },
                            names.Select(IReadOnlyDictionary<string, string> (name) => new Dictionary<string, string> { ["ThingName"] = name }).ToAsyncEnumerable(), Cancellation);
                        if (chance.Is(0.8))
                            await lists.WaitAsync(started.TaskId, null, Cancellation);
                        break;
                    case < 5:
                        await connection.Things.ProvisionAsync(new ProvisionRequest("device", new Dictionary<string, string> { ["ThingName"] = Name() }, cdf), keys, Cancellation);
                        break;
                    case < 7:
                        var device = await connection.Things.ProvisionAsync(
                            new ProvisionRequest("device", new Dictionary<string, string> { ["ThingName"] = Name() }, cdf), connection.UndeliveredKeys, Cancellation);
                        if (chance.Is(0.1))
                            device.Keep("somebody was gone");
                        else
                            Deliver(device);
                        break;
                    case < 9:
                        if (await lists.ListAsync(Cancellation).FirstOrDefaultAsync(task => task.Status == BulkRegistrationStatus.Interrupted, Cancellation) is { } interrupted)
                            await lists.ResumeAsync(interrupted.TaskId, Cancellation);
                        break;
                    default:
                        if (await lists.ListAsync(Cancellation).Where(IsUnfinished).ToListAsync(Cancellation) is { Count: > 0 } unfinished)
                            await lists.StopAsync(unfinished[chance.Next(unfinished.Count)].TaskId, Cancellation);
                        break;
                }
            }
            catch (CdfException e) when (e.Code is CdfErrorCode.Conflict or CdfErrorCode.NotFound or CdfErrorCode.RegistrationFailed)
            {
                // Two who want the same.
            }
            catch (Exception e)
            {
                await Console.Error.WriteLineAsync($"CDF_FUZZ_SEED={chance.Seed}: {e}");
                throw;
            }

            steps.WriteByte((byte)'.');
        }

        void Deliver(UndeliveredDevice device)
        {
            answers.Write(Encoding.ASCII.GetBytes($"{IdOf(device.Response.CertificatePem!, device.Response.PrivateKey!)}\n"));
            device.Deliver();
        }

        string Name() => string.Create(CultureInfo.InvariantCulture, $"device-{chance.Next(Names)}");
    }

    private async Task<ChildProcess> StartAsync(Chance chance)
    {
        var child = ChildProcess.Start<ListFuzz>(
            nameof(WorkUntilKilledAsync), (FolderVariable, _folder.Path), (EndpointVariable, _account?.Endpoint.ToString() ?? ""), ("CDF_FUZZ_SEED", chance.Next(int.MaxValue).ToString(CultureInfo.InvariantCulture)));
        await child.ReadLineAsync(Working);
        return child;
    }

    private async Task CheckAsync(Chance chance)
    {
        await using var connection = await OpenAsync(_folder.Path, _account?.Endpoint);
        foreach (var task in await connection.BulkRegistrations.ListAsync(Cancellation).Where(IsUnfinished).ToListAsync(Cancellation))
            await connection.BulkRegistrations.StopAsync(task.TaskId, Cancellation);

        var registered = await connection.Registry.CertificatesAsync(Cancellation).Select(certificate => certificate.CertificateId!).Order().ToListAsync(Cancellation);
        var answered = Directory.EnumerateFiles(_folder.Path, Answers + "*").SelectMany(File.ReadAllLines);
        await connection.UndeliveredKeys.OpenAsync(thingName: null, Cancellation); // settles what the killed have left
        var keyed = FiledKeys(KeysOf(_folder.Path), registered.ToHashSet())
            .Concat(KeyFile.Read(KeyFileOf(_folder.Path), holder: null).Select(line => IdOf(line.CertificatePem, line.PrivateKeyPem)))
            .Concat(FiledKeys(connection.UndeliveredKeys.Folder, registered: []).Union(answered))
            .Order().ToList();

        TestContext.Current.TestOutputHelper?.WriteLine($"{registered.Count} certificates, {Directory.EnumerateFiles(_folder.Path, Steps + "*").Sum(file => new FileInfo(file).Length)} steps.");
        Assert.True(registered.Count > 0, $"CDF_FUZZ_SEED={chance.Seed}: nothing was registered.");
        Assert.True(
            registered.SequenceEqual(keyed),
            $"CDF_FUZZ_SEED={chance.Seed}: without a key: {string.Join(", ", registered.Except(keyed))}; without a certificate: {string.Join(", ", keyed.Except(registered))}; twice: {keyed.Count - keyed.Distinct().Count()}");
    }

    /// <summary>The certificates of the keys in the folder; a place that a killed process had reserved for a device that was never registered says so itself.</summary>
    private static IEnumerable<string> FiledKeys(string folder, HashSet<string> registered)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*.pem"))
        {
            var text = File.ReadAllText(file);
            if (FiledKey.Parse(text, file, KeyDirectory.ThingNameOf(file), default) is not { Key: not null } filed || (filed.Owner is not null && filed.Certificate is null))
                continue;
            var id = IdOf(text, text);
            if (registered.Contains(id) || filed.Owner is null)
                yield return id;
        }
    }

    private static string IdOf(string certificatePem, string keyPem)
    {
        using var pair = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        return pair.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();
    }

    private static bool IsUnfinished(BulkRegistrationTask task) =>
        task.Status is BulkRegistrationStatus.InProgress or BulkRegistrationStatus.Interrupted or BulkRegistrationStatus.Cancelling;

    private static Task<Connection> OpenAsync(string folder, Uri? endpoint)
    {
        var settings = new ProvisioningSettings { KeyAlgorithm = KeyAlgorithm.P256 };
        return endpoint is null
            ? EmbeddedBackend.OpenAsync(new EmbeddedBackendOptions(folder, Provisioning: settings), Cancellation).AsTask()
            : AwsBackend.OpenAsync(
                new AwsBackendOptions(Path.Combine(folder, "home"))
                {
                    Region = "us-east-1",
                    Keys = new AwsKeys(AccessKey, AccessKey),
                    EndpointUrl = endpoint,
                    TemplateBucket = TemplateBucket,
                    Provisioning = settings,
                    RequestsPerSecond = 1_000,
                },
                Cancellation).AsTask();
    }

    private static string KeysOf(string folder) => Path.Combine(folder, "keys");

    /// <summary>A file of one process alone: those of several would write over each other.</summary>
    private static FileStream OpenOwn(string folder, string what) =>
        File.Open(Path.Combine(folder, $"{what}{Guid.NewGuid():N}"), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 });

    private static string KeyFileOf(string folder) => Path.Combine(folder, "keys.jsonl");
}
