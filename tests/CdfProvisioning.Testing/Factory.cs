using CdfProvisioning.Certificates;
using CdfProvisioning.Hierarchies;
using CdfProvisioning.Iot;
using CdfProvisioning.Local;
using CdfProvisioning.Local.Files;
using CdfProvisioning.Things;
using Xunit;

namespace CdfProvisioning.Testing;

/// <summary>An embedded registry with a CA, a thing type, groups and policies, and what templates need.</summary>
internal sealed class Factory : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;

    private Factory(TemporaryFolder folder, Connection connection, CertificateAuthority ca)
    {
        _folder = folder;
        Connection = connection;
        Ca = ca;
    }

    public Connection Connection { get; }

    public CertificateAuthority Ca { get; }

    public IDeviceRegistry Registry => Connection.Registry;

    public string Folder => _folder.Path;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<Factory> OpenAsync(ProvisioningSettings? settings = null)
    {
        var folder = new TemporaryFolder();
        var connection = await LocalBackend.OpenAsync(
            new LocalBackendOptions(folder.Path, Settings: new() { CreatesP256Keys = true }, Provisioning: settings), Cancellation);
        var ca = await connection.CertificateAuthorities.CreateAsync(new SubjectFields("Factory CA"), TimeSpan.FromDays(1000), Cancellation);
        var factory = new Factory(folder, connection, ca);
        await factory.InvokeAsync(new CreateThingTypeRequest("sensor"));
        await factory.InvokeAsync(new CreateThingTypeRequest("actor"));
        await factory.InvokeAsync(new CreateThingGroupRequest("sensors"));
        await factory.InvokeAsync(new CreateThingGroupRequest("spares"));
        await factory.InvokeAsync(new CreatePolicyRequest("sensors", Make.PolicyDocument("iot:Connect")));
        return factory;
    }

    public async Task<T> InvokeAsync<T>(IIotRequest<T> request) => await Registry.InvokeAsync(request, Cancellation);

    /// <summary>A service over a registry that may be another than the connection's.</summary>
    public ThingService ServiceOver(IDeviceRegistry registry, ProvisioningSettings? settings = null)
    {
        settings ??= new() { CreatesP256Keys = true };
        var signers = SignerCache.Of(Connection.Registry, new FolderCaKeyStore(Path.Combine(Connection.Info.Path!, "ca-keys")));
        return new(registry, new TemplateCatalog(Connection.Templates, Connection.TemplateAssignments), new Provisioner(registry, signers, Connection.PrivateCas, settings), settings);
    }

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
        AcmpcaCaArn = Ca.PrivateCaArn,
        AwsiotCaArn = Ca.Arn,
    };

    public Task<IReadOnlyList<string>> FactsAsync() => Registry.FactsAsync();

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        _folder.Dispose();
    }
}
