using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Certificates;
using CdfProvisioning.Hierarchies;
using CdfProvisioning.Iot;
using CdfProvisioning.Local;
using CdfProvisioning.Local.Files;
using CdfProvisioning.Things;
using Xunit;

namespace CdfProvisioning.Tests.Things;

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
        await factory.InvokeAsync(new CreatePolicyRequest("sensors", Templates.DocumentFor("iot:Connect")));
        return factory;
    }

    public async Task<T> InvokeAsync<T>(IIotRequest<T> request) => await Registry.InvokeAsync(request, Cancellation);

    /// <summary>A service over a registry that may be another than the connection's.</summary>
    public ThingService ServiceOver(IDeviceRegistry registry, ProvisioningSettings? settings = null)
    {
        settings ??= new() { CreatesP256Keys = true };
        var signers = SignerCache.Of(Registry, new FolderCaKeyStore(Path.Combine(Folder, "ca-keys")));
        return new(registry, new TemplateCatalog(Connection.Templates, Connection.TemplateAssignments), new Provisioner(registry, signers, Connection.PrivateCas, settings), settings);
    }

    public async Task<ProvisionRequest> RequestAsync(string template, string thingName, CdfProvisioningParameters? cdf = null)
    {
        await Connection.Templates.PutAsync("template", template, Cancellation);
        return new ProvisionRequest("template", new Dictionary<string, string> { ["ThingName"] = thingName, ["CSR"] = Csr(thingName) }, cdf ?? CdfParameters(thingName));
    }

    public async Task<ProvisionResponse> ProvisionAsync(string template, string thingName, CdfProvisioningParameters? cdf = null) =>
        await Connection.Things.ProvisionAsync(await RequestAsync(template, thingName, cdf), Cancellation);

    /// <summary>What every extension needs at once.</summary>
    public CdfProvisioningParameters CdfParameters(string thingName) => new()
    {
        CaId = Ca.CaId,
        CertInfo = new CertInfo { CommonName = thingName },
        CertificatePem = ForeignCertificate(thingName),
        AcmpcaCaArn = Ca.PrivateCaArn,
        AwsiotCaArn = Ca.Arn,
    };

    /// <summary>Everything in the registry, a line a fact; times and versions count for nothing.</summary>
    public async Task<IReadOnlyList<string>> FactsAsync()
    {
        var facts = new List<string>();
        await foreach (var thing in Registry.ThingsAsync(null, Cancellation))
        {
            facts.Add($"thing {thing.ThingName}");
            facts.Add($"thing {thing.ThingName} is of type {thing.ThingTypeName}");
            facts.AddRange(thing.Attributes!.Select(a => $"thing {thing.ThingName} has {a.Key}={a.Value}"));
            await foreach (var group in Registry.GroupsOfThingAsync(thing.ThingName!, Cancellation))
                facts.Add($"thing {thing.ThingName} in group {group.GroupName}");
            await foreach (var principal in Registry.PrincipalsAsync(thing.ThingName!, Cancellation))
                facts.Add($"certificate {Arn.CertificateId(principal)} attached to thing {thing.ThingName}");
        }

        foreach (var certificate in (await InvokeAsync(new ListCertificatesRequest(250))).Certificates!)
        {
            facts.Add($"certificate {certificate.CertificateId}");
            facts.Add($"certificate {certificate.CertificateId} is {certificate.Status}");
            await foreach (var policy in Registry.AttachedPoliciesAsync(certificate.CertificateArn!, Cancellation))
                facts.Add($"policy {policy.PolicyName} attached to certificate {certificate.CertificateId}");
        }

        await foreach (var policy in Registry.PoliciesAsync(Cancellation))
        {
            facts.Add($"policy {policy.PolicyName}");
            facts.Add($"policy {policy.PolicyName} says {(await InvokeAsync(new GetPolicyRequest(policy.PolicyName!))).PolicyDocument}");
        }

        facts.Sort(StringComparer.Ordinal);
        return facts;
    }

    public static string Csr(string commonName)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest($"CN={commonName.Replace(':', '-')}", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
    }

    /// <summary>A certificate whose CA nobody knows.</summary>
    public static string ForeignCertificate(string commonName)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest($"CN={commonName.Replace(':', '-')}", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return certificate.ExportCertificatePem() + "\n";
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        _folder.Dispose();
    }
}
