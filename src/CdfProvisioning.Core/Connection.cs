using CdfProvisioning.Bulk;
using CdfProvisioning.Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Templates;
using CdfProvisioning.Things;

namespace CdfProvisioning;

/// <summary>A backend and the services over it.</summary>
internal sealed class Connection : IAsyncDisposable
{
    private readonly IAsyncDisposable backend;

    public Connection(
        ConnectionInfo info, IDeviceRegistry registry, ITemplateStore templates, ICaKeyStore caKeys, ITaskStore tasks, IAsyncDisposable backend)
    {
        this.backend = backend;
        Info = info;
        Registry = registry;
        Templates = templates;
        CaKeys = caKeys;
        var signers = new SignerCache((caId, token) => LoadSignerAsync(registry, caKeys, caId, token));
        var provisioner = new Provisioner(registry, signers);
        Things = new ThingService(registry, templates, provisioner);
        CertificateAuthorities = new CertificateAuthorityService(registry, caKeys, signers);
        BulkRegistrations = new BulkRegistrationService(tasks, templates, provisioner);
    }

    public ConnectionInfo Info { get; }

    public IDeviceRegistry Registry { get; }

    public ITemplateStore Templates { get; }

    public ICaKeyStore CaKeys { get; }

    public ThingService Things { get; }

    public CertificateAuthorityService CertificateAuthorities { get; }

    public BulkRegistrationService BulkRegistrations { get; }

    /// <summary>Stops the tasks that run here, so that they can be resumed, and closes the backend.</summary>
    public async ValueTask DisposeAsync()
    {
        await BulkRegistrations.DisposeAsync();
        await backend.DisposeAsync();
    }

    private static async ValueTask<CertificateSigner> LoadSignerAsync(
        IDeviceRegistry registry, ICaKeyStore caKeys, string caId, CancellationToken cancellationToken)
    {
        var described = await registry.InvokeAsync(new DescribeCACertificateRequest(caId), cancellationToken);
        var key = await caKeys.FindAsync(caId, cancellationToken) ?? throw new CdfException(
            CdfErrorCode.NotFound,
            $"The private key of CA {caId} is not here, so it cannot sign: New-CdfCertificateAuthority makes a CA with its key, or imports one.");
        return CertificateSigner.Load(described.CertificateDescription!.CertificatePem!, key, password: null);
    }
}
