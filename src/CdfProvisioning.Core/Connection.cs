using CdfProvisioning.Certificates;
using CdfProvisioning.Fleet;
using CdfProvisioning.Hierarchies;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Templates;

namespace CdfProvisioning;

/// <summary>A backend and the services over it.</summary>
internal sealed class Connection : IAsyncDisposable
{
    private readonly IAsyncDisposable _backend;
    private readonly ITemplateHierarchy? _assetLibrary;
    private readonly RemoteKeys _remoteKeys;

    /// <param name="info">What is connected to.</param>
    /// <param name="settings">The settings of the service.</param>
    /// <param name="registry">The device registry.</param>
    /// <param name="templates">Where templates are kept.</param>
    /// <param name="assignments">Where it is kept at which places of a hierarchy they apply.</param>
    /// <param name="caKeys">Where the private keys of CAs are kept, or the URIs of those that are elsewhere.</param>
    /// <param name="remoteKeys">Those that are elsewhere.</param>
    /// <param name="signers">The CAs whose keys, or URIs, are there.</param>
    /// <param name="privateCas">ACM PCA.</param>
    /// <param name="tasks">Where lists are kept.</param>
    /// <param name="assetLibrary">What is asked for the template of a place in a hierarchy, instead of <paramref name="assignments"/>.</param>
    /// <param name="backend">What is to be closed in the end.</param>
    /// <param name="pacedRegistry">The registry for what calls it again and again, which keeps under the account's quota; null where there is none.</param>
    public Connection(
        ConnectionInfo info, ProvisioningSettings settings, IDeviceRegistry registry, ITemplateStore templates, ITemplateAssignmentStore assignments,
        ICaKeyStore caKeys, RemoteKeys remoteKeys, SignerCache signers, IPrivateCertificateAuthority privateCas, ITaskStore tasks,
        ITemplateHierarchy? assetLibrary, IAsyncDisposable backend, IDeviceRegistry? pacedRegistry = null)
    {
        (Info, Registry, Templates, PrivateCas, _remoteKeys, _assetLibrary, _backend) = (info, registry, templates, privateCas, remoteKeys, assetLibrary, backend);
        var paced = pacedRegistry ?? registry;
        var provisioner = new Provisioner(registry, signers, privateCas, settings);
        var pacedProvisioner = new Provisioner(paced, signers, privateCas, settings);
        TemplateAssignments = new TemplateAssignmentService(
            assetLibrary ?? new AssignedTemplates(assignments, registry), assetLibrary is null ? assignments : null, templates);
        var catalog = new TemplateCatalog(templates, TemplateAssignments);
        Things = new ThingService(registry, catalog, provisioner, settings);
        Certificates = new CertificateService(registry, paced);
        CertificateAuthorities = new CertificateAuthorityService(registry, caKeys, remoteKeys, signers, privateCas);
        BulkRegistrations = new BulkRegistrationService(tasks, catalog, pacedProvisioner);
        UndeliveredKeys = new UndeliveredKeys(tasks.Registry, registry);
        Rotations = new RotationService(BulkRegistrations, Things, paced);
        Synchronizations = new SynchronizationService(BulkRegistrations, Things, registry);
        Reports = new ReportService(info, paced, BulkRegistrations);
    }

    public ConnectionInfo Info { get; }

    public IDeviceRegistry Registry { get; }

    public ITemplateStore Templates { get; }

    public IPrivateCertificateAuthority PrivateCas { get; }

    public TemplateAssignmentService TemplateAssignments { get; }

    public ThingService Things { get; }

    public CertificateService Certificates { get; }

    public CertificateAuthorityService CertificateAuthorities { get; }

    public BulkRegistrationService BulkRegistrations { get; }

    public UndeliveredKeys UndeliveredKeys { get; }

    public RotationService Rotations { get; }

    public SynchronizationService Synchronizations { get; }

    public ReportService Reports { get; }

    /// <summary>Stops the tasks that run here, so that they can be resumed, and closes the backend.</summary>
    public async ValueTask DisposeAsync()
    {
        await BulkRegistrations.DisposeAsync();
        UndeliveredKeys.Dispose();
        _remoteKeys.Dispose();
        (_assetLibrary as IDisposable)?.Dispose();
        await _backend.DisposeAsync();
    }
}
