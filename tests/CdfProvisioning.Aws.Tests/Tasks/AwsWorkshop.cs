using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Aws.Tasks;
using CdfProvisioning.Bulk;
using CdfProvisioning.Certificates;
using CdfProvisioning.Hierarchies;
using CdfProvisioning.Iot;
using CdfProvisioning.Local.Files;
using CdfProvisioning.Local.Registry;
using CdfProvisioning.Local.Storage;
using CdfProvisioning.Things;

namespace CdfProvisioning.Aws.Tests.Tasks;

/// <summary>Lists on an account that the embedded registry stands for, without its transactions and behind an unreliable line.</summary>
internal sealed class AwsWorkshop : IAsyncDisposable
{
    private readonly string _folder;
    private readonly RegistryDatabase _account;
    private readonly RegistryDatabase _journal;

    private AwsWorkshop(string folder, RegistryDatabase account, RegistryDatabase journal)
    {
        (_folder, _account, _journal) = (folder, account, journal);
        var caKeys = new FolderCaKeyStore(folder);
        var arns = new Arns("123456789012", "eu-west-1");
        Registry = new UnreliableRegistry(new LocalRegistry(account, arns, new(folder) { Settings = new() { CreatesP256Keys = true } }, caKeys));
        var options = new AwsBackendOptions(folder) { RequestsPerSecond = 64 };
        var store = new AwsTaskStore(journal, Registry, Registry, s3: null!, options);
        var signers = new SignerCache((_, _) => new(LoadCa()));
        var templates = new FolderTemplateStore(folder);
        var assignments = new FolderAssignmentStore(folder);
        var catalog = new TemplateCatalog(templates, new TemplateAssignmentService(new AssignedTemplates(assignments, Registry), assignments, templates));
        Lists = new BulkRegistrationService(
            store, catalog,
            new Provisioner(Registry, signers, new LocalPrivateCertificateAuthority(signers, arns), new ProvisioningSettings { CreatesP256Keys = true }));
    }

    public UnreliableRegistry Registry { get; }

    public BulkRegistrationService Lists { get; }

    public string Keys => Path.Combine(_folder, "keys");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<AwsWorkshop> OpenAsync(string folder)
    {
        if (!File.Exists(Path.Combine(folder, "ca.crt")))
        {
            var (certificate, key) = CertificateAuthorities.CreateRoot(new SubjectFields("Test CA").ToName(), TimeSpan.FromDays(1000));
            File.WriteAllText(Path.Combine(folder, "ca.key"), key.PrivateKeyPem);
            File.WriteAllText(Path.Combine(folder, "ca.crt"), certificate.Pem);
            File.WriteAllText(Path.Combine(folder, "own-ca.json"), Template(
                """ "CertificatePem": { "Ref": "CertificatePem" }, "CACertificatePem": { "Ref": "CaCertificatePem" } """, "createDeviceCertificate",
                "CertificatePem", "CaCertificatePem"));
            File.WriteAllText(Path.Combine(folder, "aws-keys.json"), Template(""" "CertificateId": { "Ref": "CertificateId" } """, "createDeviceAWSCertificate", "CertificateId"));
            File.WriteAllText(Path.Combine(folder, "csr.json"), Template(""" "CertificateSigningRequest": { "Ref": "CSR" } """, "clientIdMustMatchThingName", "CSR"));
        }
        var workshop = new AwsWorkshop(
            folder,
            await RegistryDatabase.OpenAsync(Path.Combine(folder, "account.db"), new(), Cancellation),
            await RegistryDatabase.OpenAsync(Path.Combine(folder, "journal", "lists.db"), new(), Cancellation));
        await workshop.RegisterCaAsync();
        return workshop;
    }

    public async Task<BulkRegistrationTask> StartAsync(string template, params IEnumerable<string> thingNames) => await Lists.StartAsync(
        template == "csr"
            ? new BulkRegistrationRequest(template)
            : new BulkRegistrationRequest(template, Keys, new() { CaId = "ca", CertInfo = new() { CommonName = "device", DaysExpiry = 30 } }),
        thingNames.Select(name => Row(template, name)).ToAsyncEnumerable(),
        Cancellation);

    public async Task<BulkRegistrationTask> RunAsync(string template, params IEnumerable<string> thingNames) =>
        await WaitAsync(await StartAsync(template, thingNames));

    public async Task<BulkRegistrationTask> WaitAsync(BulkRegistrationTask task) => await Lists.WaitAsync(task.TaskId, null, Cancellation);

    public async Task<List<BulkRegistrationResult>> ResultsAsync(BulkRegistrationTask task) =>
        await Lists.ResultsAsync(task.TaskId, failedOnly: false, Cancellation).ToListAsync(Cancellation);

    public async Task<long> CountAsync(string table) =>
        await _account.ReadAsync(session => session.Scalar<long>($"SELECT count(*) FROM {table}"), Cancellation);

    /// <summary>The account has these things, each with one certificate, and no other certificate; where keys were made, the thing's key file has its key.</summary>
    public async Task AssertDevicesAsync(BulkRegistrationTask task, int devices, bool haveKeys = true)
    {
        Assert.Equal((BulkRegistrationStatus.Completed, devices, 0), (task.Status, task.SuccessCount, task.FailureCount));
        Assert.Equal(devices, await CountAsync("thing"));
        Assert.Equal(devices, await CountAsync("certificate"));
        Assert.Equal(devices, await CountAsync("thing_principal"));
        var results = await ResultsAsync(task);
        Assert.Equal(devices, results.Select(r => r.ThingName).Distinct().Count());
        if (!haveKeys)
            return;
        Assert.Equal(devices, Directory.EnumerateFiles(Keys).Count());
        Assert.All(results, r => Assert.Equal(r.CertificateId, CertificateIdOfKeyFile(r.ThingName!)));
    }

    public async ValueTask DisposeAsync()
    {
        await Lists.DisposeAsync();
        await Registry.DisposeAsync();
        await _journal.DisposeAsync();
    }

    private static Dictionary<string, string> Row(string template, string thingName)
    {
        var row = new Dictionary<string, string> { ["ThingName"] = thingName };
        if (template == "csr")
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            row["CSR"] = new CertificateRequest($"CN={thingName}", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        }
        return row;
    }

    private static string Template(string certificate, string extension, params string[] parameters) => $$"""
        {
          "Parameters": { "ThingName": { "Type": "String" }{{string.Concat(parameters.Select(p => $$""", "{{p}}": { "Type": "String" }"""))}} },
          "Resources": {
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" } } },
            "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { {{certificate}} } }
          },
          "CDF": { "{{extension}}": true }
        }
        """;

    /// <summary>The id of the certificate beside a device's key, after a look whether the two belong together.</summary>
    private string CertificateIdOfKeyFile(string thingName)
    {
        var pem = File.ReadAllText(Path.Combine(Keys, thingName + ".pem"));
        using var certificate = X509Certificate2.CreateFromPem(pem, pem);
        Assert.True(certificate.HasPrivateKey);
        return certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();
    }

    private async ValueTask RegisterCaAsync()
    {
        try
        {
            await Registry.InvokeAsync(
                new RegisterCACertificateRequest(LoadCa().Certificate.Pem, SetAsActive: true, CertificateMode: "SNI_ONLY"), Cancellation);
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.Conflict)
        {
            // Another workshop on the folder was first.
        }
    }

    private CertificateSigner LoadCa() =>
        CertificateSigner.Load(File.ReadAllText(Path.Combine(_folder, "ca.crt")), File.ReadAllText(Path.Combine(_folder, "ca.key")), null);
}
