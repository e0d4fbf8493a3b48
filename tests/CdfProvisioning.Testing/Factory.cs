using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded;
using CdfProvisioning.Embedded.Files;
using CdfProvisioning.Hierarchies;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Testing;

/// <summary>A registry with a CA, a thing type, groups and policies, and what templates need.</summary>
internal sealed class Factory : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly IAsyncDisposable? _host;

    private Factory(TemporaryFolder folder, Connection connection, Connection account, IAsyncDisposable? host, CertificateAuthority ca)
    {
        (_folder, _host) = (folder, host);
        (Connection, Account, Ca) = (connection, account, ca);
    }

    /// <summary>The registry as its users have it.</summary>
    public Connection Connection { get; }

    /// <summary>The embedded registry, which may be behind an endpoint for the users of <see cref="Connection"/>.</summary>
    public Connection Account { get; }

    public CertificateAuthority Ca { get; }

    private static ProvisioningSettings Settings { get; } = new() { KeyAlgorithm = KeyAlgorithm.P256 };

    private FolderCaKeyStore CaKeys => new(new(Account.Info.Path!, "ca-keys"));

    private SignerCache Signers => SignerCache.Of(Account.Registry, CaKeys, new RemoteKeys([]));

    public Provisioner Provisioner => new(Connection.Registry, Signers, Account.PrivateCas, Settings);

    private TemplateCatalog Catalog => new(Connection.Templates, Connection.TemplateAssignments);

    public string Folder => _folder.Path;

    /// <summary>Where the keys of lists go.</summary>
    public string KeyFolder => _folder.File("keys");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>On the embedded backend.</summary>
    public static async Task<Factory> OpenAsync(ProvisioningSettings? settings = null, string region = "us-east-1")
    {
        var folder = new TemporaryFolder();
        var connection = await EmbeddedBackend.OpenAsync(
            new EmbeddedBackendOptions(folder.Path, Region: region, Settings: new() { KeyAlgorithm = settings?.KeyAlgorithm ?? KeyAlgorithm.P256 }, Provisioning: settings), Cancellation);
        return await OpenAsync(folder, connection, connection, host: null);
    }

    /// <summary>Behind an endpoint.</summary>
    /// <param name="connection">The connection to the endpoint.</param>
    /// <param name="account">The registry behind it.</param>
    /// <param name="host">What is to be closed after the connection.</param>
    public static Task<Factory> OpenAsync(Connection connection, Connection account, IAsyncDisposable host) =>
        OpenAsync(new TemporaryFolder(), connection, account, host);

    public async Task<T> InvokeAsync<T>(IIotRequest<T> request) => await Account.Registry.InvokeAsync(request, Cancellation);

    /// <summary>A service over a registry that may be another than the connection's.</summary>
    public ThingService ServiceOver(IDeviceRegistry registry, ProvisioningSettings? settings = null) =>
        new(registry, Catalog, new(registry, Signers, Connection.PrivateCas, settings ?? Settings), settings ?? Settings);

    /// <summary>A service over the registry itself, or over one that, as AWS, makes one call after the other.</summary>
    public ThingService ThingsOver(bool hasTransactions) => hasTransactions ? Connection.Things : ServiceOver(new UnreliableRegistry(Connection.Registry));

    /// <summary>Keys that are to be handed out, as a process of its own has them.</summary>
    public UndeliveredKeys OpenUndeliveredKeys() => new(Connection.BulkRegistrations.Registry, Connection.Registry);

    /// <summary>CAs over a registry that may be another than the connection's.</summary>
    public CertificateAuthorityService AuthoritiesOver(IDeviceRegistry registry) => new(registry, CaKeys, new RemoteKeys([]), Signers, Connection.PrivateCas);

    /// <summary>Lists that are kept elsewhere than the connection's. ACM PCA answers them at once.</summary>
    public BulkRegistrationService ListsIn(ITaskStore store) => new(store, Catalog, Provisioner);

    public async Task<ProvisionRequest> RequestAsync(string template, string thingName, CdfProvisioningParameters? cdf = null)
    {
        await Connection.Templates.PutAsync("template", template, Cancellation);
        return new ProvisionRequest("template", new Dictionary<string, string> { ["ThingName"] = thingName, ["CSR"] = Make.Csr(thingName) }, cdf ?? CdfParameters(thingName));
    }

    public async Task<ProvisionResponse> ProvisionAsync(string template, string thingName, CdfProvisioningParameters? cdf = null) =>
        await Connection.Things.ProvisionAsync(await RequestAsync(template, thingName, cdf), Cancellation);

    /// <summary>What every extension needs at once.</summary>
    public CdfProvisioningParameters CdfParameters(string thingName) => new()
    {
        CaId = Ca.CaId,
        CertInfo = new CertInfo { CommonName = thingName },
        CertificatePem = Make.ForeignCertificate(thingName),
        AcmpcaCaArn = Account.PrivateCas.ArnOf(Ca.CaId),
        AwsiotCaArn = Ca.Arn,
    };

    public Task<IReadOnlyList<string>> FactsAsync() => Account.Registry.FactsAsync();

    /// <summary>Takes away what has come since, so that a test can begin anew.</summary>
    public async Task RestoreAsync(IReadOnlyList<string> before)
    {
        foreach (var fact in await NewAsync("thing"))
            await Account.Things.RemoveAsync(fact, includeCertificates: true, includePolicies: false, Cancellation);
        foreach (var certificateId in await NewAsync("certificate"))
        {
            await InvokeAsync(new UpdateCertificateRequest(certificateId, CertificateStatus.Inactive));
            await InvokeAsync(new DeleteCertificateRequest(certificateId, ForceDelete: true));
        }
        foreach (var policyName in await NewAsync("policy"))
            await InvokeAsync(new DeletePolicyRequest(policyName));

        Assert.Equal(before, await FactsAsync());

        async Task<IEnumerable<string>> NewAsync(string kind) =>
            (await FactsAsync()).Except(before).Select(fact => fact.Split(' ')).Where(words => words.Length == 2 && words[0] == kind).Select(words => words[1]);
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        if (_host is not null)
            await _host.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<Factory> OpenAsync(TemporaryFolder folder, Connection connection, Connection account, IAsyncDisposable? host)
    {
        var ca = await connection.CertificateAuthorities.CreateAsync(new SubjectFields("Factory CA"), TimeSpan.FromDays(1000), Cancellation);
        var factory = new Factory(folder, connection, account, host, ca);
        await factory.InvokeAsync(new CreateThingTypeRequest("sensor"));
        await factory.InvokeAsync(new CreateThingTypeRequest("actor"));
        await factory.InvokeAsync(new CreateThingGroupRequest("sensors"));
        await factory.InvokeAsync(new CreateThingGroupRequest("spares"));
        await factory.InvokeAsync(new CreatePolicyRequest("sensors", Make.PolicyDocument("iot:Connect")));
        return factory;
    }
}
