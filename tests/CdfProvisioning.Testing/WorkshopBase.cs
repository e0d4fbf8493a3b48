using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded.Files;
using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Fleet;
using CdfProvisioning.Hierarchies;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Storage.Sqlite;
using Xunit;
using OneKeyFile = CdfProvisioning.Keys.KeyFile;

namespace CdfProvisioning.Testing;

/// <summary>Where lists are registered: one process's view of a folder with templates, a CA and keys. Several may be open on one folder.</summary>
internal abstract class WorkshopBase : IAsyncDisposable
{
    private readonly string _folder;
    private readonly IDeviceRegistry _registry;
    private readonly ThingService _things;
    private TaskCompletionSource _caIsHere = new();

    /// <param name="folder">The folder.</param>
    /// <param name="database">The registry's file.</param>
    /// <param name="arns">The registry's account and region.</param>
    /// <param name="registry">The registry, as the lists have it.</param>
    /// <param name="store">Where the lists are kept.</param>
    protected WorkshopBase(string folder, Database database, Arns arns, IDeviceRegistry registry, ITaskStore store)
    {
        (_folder, Database, _registry) = (folder, database, registry);
        _caIsHere.SetResult();
        var signers = new SignerCache(async (_, _) =>
        {
            await _caIsHere.Task;
            return LoadCa();
        });
        var templates = new FolderTemplateStore(new(folder));
        var assignments = new FolderAssignmentStore(new(folder));
        var catalog = new TemplateCatalog(templates, new TemplateAssignmentService(new AssignedTemplates(assignments, registry), assignments, templates));
        var privateCas = new EmbeddedPrivateCertificateAuthority(signers, arns);
        var settings = new ProvisioningSettings { KeyAlgorithm = CdfProvisioning.Certificates.KeyAlgorithm.P256 };
        var provisioner = new Provisioner(registry, signers, privateCas, settings);
        Lists = new BulkRegistrationService(store, catalog, provisioner);
        _things = new ThingService(registry, catalog, provisioner, settings);
        Rotations = new RotationService(Lists, _things, registry);
    }

    public Database Database { get; }

    public BulkRegistrationService Lists { get; }

    public RotationService Rotations { get; }

    public string Keys => Path.Combine(_folder, "keys");

    /// <summary>The folder for the keys of certificates that replace others.</summary>
    public string NewKeys => Path.Combine(_folder, "new-keys");

    /// <summary>The one file for keys, of lists that are told to use it.</summary>
    public string KeyFile => Path.Combine(_folder, "keys.jsonl");

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public BulkRegistrationRequest Request(string template) => template is "own-ca" or "aws-keys"
        ? new(template, Keys, new() { CaId = LoadCa().Certificate.Id, CertInfo = new() { CommonName = "device", DaysExpiry = 30 } })
        : new(template);

    /// <summary>Starts a list that waits for its CA's key, until <see cref="LetCaSign"/>; this workshop may not have used the CA before.</summary>
    public async Task<BulkRegistrationTask> StartHeldUpAsync(params IEnumerable<string> thingNames)
    {
        HoldCaUp();
        return await StartAsync("own-ca", thingNames);
    }

    /// <summary>Has lists wait for their CA's key, until <see cref="LetCaSign"/>; this workshop may not have used the CA before.</summary>
    public void HoldCaUp() => _caIsHere = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets the list that was held up, and every list after it, go on.</summary>
    public void LetCaSign() => _caIsHere.TrySetResult();

    /// <summary>Starts a list whose keys go to the one file.</summary>
    public async Task<BulkRegistrationTask> StartWithKeyFileAsync(string template, params IEnumerable<string> thingNames) =>
        await StartAsync(Request(template) with { KeyDirectory = null, KeyFile = KeyFile }, template, thingNames);

    /// <summary>Starts making certificates for devices that register themselves later.</summary>
    public async Task<BulkRegistrationTask> StartIssuanceAsync(params IEnumerable<string> commonNames)
    {
        var request = new BulkRegistrationRequest(TemplateId: null, CdfParameters: new() { CaId = LoadCa().Certificate.Id, CertInfo = new() { CommonName = "{CommonName}", DaysExpiry = 30 } }) { IsIssuance = true, KeyFile = KeyFile };
        return await Lists.StartAsync(request, commonNames.Select(IReadOnlyDictionary<string, string> (name) => new Dictionary<string, string> { ["CommonName"] = name }).ToAsyncEnumerable(), Cancellation);
    }

    /// <summary>The certificate of each line of the key file, after a look whether its key belongs to it.</summary>
    public List<(long Row, string? Thing, string CertificateId)> KeyLines() => [.. OneKeyFile.Read(KeyFile, holder: null).Select(line =>
    {
        using var certificate = X509Certificate2.CreateFromPem(line.CertificatePem, line.PrivateKeyPem);
        Assert.Equal(line.CertificateId, certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant());
        return (line.Row, line.Thing, line.CertificateId);
    })];

    public async Task<BulkRegistrationTask> StartAsync(string template, params IEnumerable<string> thingNames) => await StartAsync(Request(template), template, thingNames);

    private async Task<BulkRegistrationTask> StartAsync(BulkRegistrationRequest request, string template, IEnumerable<string> thingNames) =>
        await Lists.StartAsync(request, thingNames.Select(IReadOnlyDictionary<string, string> (name) => Row(template, name)).ToAsyncEnumerable(), Cancellation);

    /// <summary>Starts to replace the certificates of things.</summary>
    public async Task<BulkRegistrationTask> StartRotationAsync(string template, params IEnumerable<string> thingNames)
    {
        await using var draft = await Rotations.CreateAsync(Request(template) with { KeyDirectory = NewKeys }, Cancellation);
        var found = new List<RotationService.RotationRow>();
        foreach (var name in thingNames)
            found.AddRange(await draft.FindAsync(Row(template, name), failure: null, Cancellation));
        found.AddRange(await draft.FindLastAsync(Cancellation));
        foreach (var device in found)
            await draft.AddAsync(device.Problem is null ? device : throw device.Problem, Cancellation);
        return await Lists.StartAsync(draft.List, Cancellation);
    }

    /// <summary>Has the registry be as a list says.</summary>
    /// <param name="template">The template.</param>
    /// <param name="thingNames">The list.</param>
    /// <param name="running">Called when what was not as the list says is being registered.</param>
    public async Task<ListSynchronization> SynchronizeAsync(string template, IEnumerable<string> thingNames, Action? running = null)
    {
        await using var synchronizer = await new SynchronizationService(Lists, _things, _registry).BeginAsync(Request(template), new(null, null), () => { }, Cancellation);
        foreach (var name in thingNames)
            await synchronizer.TakeAsync(await synchronizer.Comparison.AddAsync(Row(template, name), null, Cancellation), Cancellation);
        await synchronizer.TakeAsync(await synchronizer.Comparison.EndAsync(Cancellation), Cancellation);
        if (await synchronizer.StartAsync(Cancellation) is not { } task)
            return synchronizer.Counts;
        running?.Invoke();
        task = await WaitAsync(task);
        Assert.Equal((BulkRegistrationStatus.Completed, 0), (task.Status, task.FailureCount));
        return synchronizer.Counts;
    }

    /// <summary>Each of so many things has its old certificate and exactly one new one, whose key is in the folder for those.</summary>
    public async Task AssertRotatedAsync(BulkRegistrationTask task, int devices)
    {
        Assert.Equal((BulkRegistrationStatus.Completed, devices, 0), (task.Status, task.SuccessCount, task.FailureCount));
        Assert.Equal(2 * devices, await CountAsync("certificate WHERE status = 'ACTIVE'"));
        Assert.Equal(2 * devices, await CountAsync("certificate"));
        Assert.Equal(devices, await CountAsync("(SELECT 1 FROM thing_principal GROUP BY thing_id HAVING count(*) = 2)"));
        var rotations = await Rotations.ListAsync(Cancellation).ToListAsync(Cancellation);
        Assert.Equal(devices, rotations.Count);
        Assert.All(rotations, rotation => Assert.Equal(RotationState.Waiting, rotation.State));
        Assert.All(rotations, rotation => Assert.Equal(rotation.NewCertificateId, CertificateIdOfKeyFile(rotation.ThingName, NewKeys)));
        Assert.Equal(devices, Directory.EnumerateFiles(NewKeys).Count());
    }

    /// <summary>There are so many things, each with one certificate and its key, and no other certificate.</summary>
    public async Task AssertEachOnceAsync(int devices)
    {
        Assert.Equal(devices, await CountAsync("thing"));
        Assert.Equal(devices, await CountAsync("certificate"));
        Assert.Equal(devices, await CountAsync("(SELECT DISTINCT thing_id FROM thing_principal)"));
        Assert.All(
            await Database.ReadAsync(session => session.Query("SELECT name FROM thing", row => row.Text(0)), Cancellation),
            name => Assert.NotEmpty(CertificateIdOfKeyFile(name)));
        Assert.Equal(devices, Directory.EnumerateFiles(Keys).Count());
    }

    public async Task<BulkRegistrationTask> RunAsync(string template, params IEnumerable<string> thingNames) =>
        await WaitAsync(await StartAsync(template, thingNames));

    public async Task<BulkRegistrationTask> WaitAsync(BulkRegistrationTask task) => await Lists.WaitAsync(task.TaskId, null, Cancellation);

    public async Task<List<BulkRegistrationResult>> ResultsAsync(BulkRegistrationTask task, bool failedOnly = false) =>
        await Lists.ResultsAsync(task.TaskId, failedOnly, Cancellation).ToListAsync(Cancellation);

    public async Task<long> CountAsync(string table) =>
        await Database.ReadAsync(session => session.Scalar<long>($"SELECT count(*) FROM {table}"), Cancellation);

    /// <summary>The id of the certificate beside a device's key, after a look whether the two belong together.</summary>
    public string CertificateIdOfKeyFile(string thingName, string? folder = null)
    {
        var pem = File.ReadAllText(Path.Combine(folder ?? Keys, thingName + ".pem"));
        using var certificate = X509Certificate2.CreateFromPem(pem, pem);
        Assert.True(certificate.HasPrivateKey);
        return certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Lists.DisposeAsync();
        await _registry.DisposeAsync();
    }

    /// <summary>Puts the CA and the templates in their places, if they are not there yet.</summary>
    protected async Task FurnishAsync()
    {
        if (!File.Exists(CaCertificateFile))
        {
            var (certificate, key) = CertificateAuthorities.CreateRoot(new SubjectFields("Test CA").ToName(), TimeSpan.FromDays(1000));
            File.WriteAllText(CaKeyFile, key.PrivateKeyPem);
            File.WriteAllText(CaCertificateFile, certificate.Pem);
            PutTemplate("plain", certificate: null, extension: null);
            PutTemplate("own-ca", """ "CertificatePem": { "Ref": "CertificatePem" }, "CACertificatePem": { "Ref": "CaCertificatePem" } """, "createDeviceCertificate", "CertificatePem", "CaCertificatePem");
            PutTemplate("aws-keys", """ "CertificateId": { "Ref": "CertificateId" } """, "createDeviceAWSCertificate", "CertificateId");
            PutTemplate("csr", """ "CertificateSigningRequest": { "Ref": "CSR" } """, "clientIdMustMatchThingName", "CSR");
        }

        try
        {
            await _registry.InvokeAsync(new RegisterCACertificateRequest(LoadCa().Certificate.Pem, SetAsActive: true, CertificateMode: "SNI_ONLY"), Cancellation);
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.Conflict)
        {
            // Another workshop on the folder was first.
        }
    }

    private string CaKeyFile => Path.Combine(_folder, "ca.key");

    private string CaCertificateFile => Path.Combine(_folder, "ca.crt");

    private CertificateSigner LoadCa() => CertificateSigner.Load(File.ReadAllText(CaCertificateFile), File.ReadAllText(CaKeyFile), null);

    private void PutTemplate(string id, string? certificate, string? extension, params string[] parameters) => File.WriteAllText(Path.Combine(_folder, id + ".json"), $$"""
        {
          "Parameters": { "ThingName": { "Type": "String" }{{string.Concat(parameters.Select(p => $$""", "{{p}}": { "Type": "String" }"""))}} },
          "Resources": {
            "thing": { "Type": "AWS::IoT::Thing", "Properties": { "ThingName": { "Ref": "ThingName" } } }
            {{(certificate is null ? "" : $$""", "certificate": { "Type": "AWS::IoT::Certificate", "Properties": { {{certificate}} } }""")}}
          }
          {{(extension is null ? "" : $$""", "CDF": { "{{extension}}": true }""")}}
        }
        """);

    private static Dictionary<string, string> Row(string template, string thingName)
    {
        var row = new Dictionary<string, string> { ["ThingName"] = thingName };
        if (template == "csr")
            row["CSR"] = Make.Csr(thingName);
        return row;
    }
}
