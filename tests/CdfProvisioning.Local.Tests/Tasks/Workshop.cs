using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Bulk;
using CdfProvisioning.Certificates;
using CdfProvisioning.Hierarchies;
using CdfProvisioning.Iot;
using CdfProvisioning.Local.Files;
using CdfProvisioning.Local.Registry;
using CdfProvisioning.Local.Storage;
using CdfProvisioning.Local.Tasks;
using CdfProvisioning.Things;
using Xunit;

namespace CdfProvisioning.Tests.Tasks;

/// <summary>One process's view of a registry folder with templates and a CA; several may be open on one folder.</summary>
internal sealed class Workshop : IAsyncDisposable
{
    private readonly string _folder;
    private readonly LocalTaskStore _store;

    private Workshop(string folder, RegistryDatabase database)
    {
        _folder = folder;
        Database = database;
        var arns = new Arns("123456789012", "us-east-1");
        Registry = new LocalRegistry(database, arns, new(folder), new FolderCaKeyStore(folder));
        _store = new LocalTaskStore(database, claim => new LocalTaskRun(claim, Registry));
        var signers = new SignerCache((_, _) => new(LoadCa()));
        var privateCas = new LocalPrivateCertificateAuthority(signers, arns);
        var templates = new FolderTemplateStore(folder);
        var assignments = new FolderAssignmentStore(folder);
        var catalog = new TemplateCatalog(templates, new TemplateAssignmentService(new AssignedTemplates(assignments, Registry), assignments, templates));
        Lists = new BulkRegistrationService(
            _store, catalog, new Provisioner(Registry, signers, privateCas, new ProvisioningSettings()));
    }

    public ThingRegistrationTasks AwsTasks => new(Lists, _store, _folder, "arn:aws:iot:us-east-1:123456789012");

    public RegistryDatabase Database { get; }

    public LocalRegistry Registry { get; }

    public BulkRegistrationService Lists { get; }

    public string Keys => Path.Combine(_folder, "keys");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<Workshop> OpenAsync(string folder)
    {
        if (!File.Exists(Path.Combine(folder, "ca.crt")))
        {
            var (certificate, key) = CertificateAuthorities.CreateRoot(new SubjectFields("Test CA").ToName(), TimeSpan.FromDays(1000));
            File.WriteAllText(Path.Combine(folder, "ca.key"), key.PrivateKeyPem);
            File.WriteAllText(Path.Combine(folder, "ca.crt"), certificate.Pem);
            File.WriteAllText(Path.Combine(folder, "plain.json"), Template("", "", ""));
            File.WriteAllText(Path.Combine(folder, "keyed.json"), Template(
                """, "CertificatePem": { "Type": "String" }, "CaCertificatePem": { "Type": "String" }""",
                """, "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { "CertificatePem": { "Ref": "CertificatePem" }, "CACertificatePem": { "Ref": "CaCertificatePem" } } }""",
                """, "CDF": { "createDeviceCertificate": true }"""));
        }
        var workshop = new Workshop(folder, await RegistryDatabase.OpenAsync(Path.Combine(folder, "registry.db"), new(), Cancellation));
        await workshop.RegisterCaAsync();
        return workshop;
    }

    public BulkRegistrationRequest Request(string template) => template == "keyed"
        ? new(template, Keys, new() { CaId = "ca", CertInfo = new() { CommonName = "device", DaysExpiry = 30 } })
        : new(template);

    public async Task<BulkRegistrationTask> StartAsync(string template, params IEnumerable<string> thingNames) =>
        await Lists.StartAsync(Request(template), Rows(thingNames), Cancellation);

    public async Task<BulkRegistrationTask> RunAsync(string template, params IEnumerable<string> thingNames) =>
        await WaitAsync(await StartAsync(template, thingNames));

    public async Task<BulkRegistrationTask> WaitAsync(BulkRegistrationTask task) => await Lists.WaitAsync(task.TaskId, null, Cancellation);

    public async Task<List<BulkRegistrationResult>> ResultsAsync(BulkRegistrationTask task, bool failedOnly = false) =>
        await Lists.ResultsAsync(task.TaskId, failedOnly, Cancellation).ToListAsync(Cancellation);

    public async Task<long> CountAsync(string table) =>
        await Database.ReadAsync(session => session.Scalar<long>($"SELECT count(*) FROM {table}"), Cancellation);

    /// <summary>The id of the certificate beside a device's key, after a look whether the two belong together.</summary>
    public string CertificateIdOfKeyFile(string thingName)
    {
        var pem = File.ReadAllText(Path.Combine(Keys, thingName + ".pem"));
        using var certificate = X509Certificate2.CreateFromPem(pem, pem);
        Assert.True(certificate.HasPrivateKey);
        return certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();
    }

    public async ValueTask DisposeAsync()
    {
        await Lists.DisposeAsync();
        await Registry.DisposeAsync();
    }

    private static string Template(string parameters, string resources, string cdf) => $$"""
        {
          "Parameters": { "ThingName": { "Type": "String" }{{parameters}} },
          "Resources": {
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" } } }{{resources}}
          }{{cdf}}
        }
        """;

    private static IAsyncEnumerable<IReadOnlyDictionary<string, string>> Rows(IEnumerable<string> thingNames) =>
        thingNames.Select(IReadOnlyDictionary<string, string> (name) => new Dictionary<string, string> { ["ThingName"] = name }).ToAsyncEnumerable();

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
