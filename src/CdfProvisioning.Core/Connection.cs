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
    private readonly Backend _backend;

    public Connection(ConnectionInfo info, Backend backend, ProvisioningSettings settings)
    {
        _backend = backend;
        Info = info;
        Registry = backend.Registry;
        Templates = backend.Templates;
        PrivateCas = backend.PrivateCas;
        var provisioner = new Provisioner(backend.Registry, backend.Signers, backend.PrivateCas, settings);
        TemplateAssignments = new TemplateAssignmentService(
            backend.AssetLibrary ?? new AssignedTemplates(backend.Assignments, backend.Registry),
            backend.AssetLibrary is null ? backend.Assignments : null,
            backend.Templates);
        var catalog = new TemplateCatalog(backend.Templates, TemplateAssignments);
        Things = new ThingService(backend.Registry, catalog, provisioner, settings);
        Certificates = new CertificateService(backend.Registry);
        CertificateAuthorities = new CertificateAuthorityService(backend.Registry, backend.CaKeys, backend.Signers, backend.PrivateCas);
        BulkRegistrations = new BulkRegistrationService(backend.Tasks, catalog, provisioner);
        Rotations = new RotationService(BulkRegistrations, Things, backend.Registry);
        Synchronizations = new SynchronizationService(BulkRegistrations, Things, backend.Registry);
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

    public RotationService Rotations { get; }

    public SynchronizationService Synchronizations { get; }

    /// <summary>Stops the tasks that run here, so that they can be resumed, and closes the backend.</summary>
    public async ValueTask DisposeAsync()
    {
        await BulkRegistrations.DisposeAsync();
        (_backend.AssetLibrary as IDisposable)?.Dispose();
        await _backend.Resources.DisposeAsync();
    }
}
