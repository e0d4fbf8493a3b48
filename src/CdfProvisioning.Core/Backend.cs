using CdfProvisioning.Certificates;
using CdfProvisioning.Hierarchies;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;
using CdfProvisioning.Templates;

namespace CdfProvisioning;

/// <summary>What the engine stands on: the embedded backend, or AWS.</summary>
/// <param name="Registry">The device registry.</param>
/// <param name="Templates">Where templates are kept.</param>
/// <param name="Assignments">Where it is kept at which places of a hierarchy they apply.</param>
/// <param name="CaKeys">Where the private keys of CAs are kept.</param>
/// <param name="Signers">The CAs whose keys are there.</param>
/// <param name="PrivateCas">ACM PCA.</param>
/// <param name="Tasks">Where lists are kept.</param>
/// <param name="Resources">What is to be closed in the end.</param>
/// <param name="AssetLibrary">What is asked for the template of a place in a hierarchy, instead of <paramref name="Assignments"/>.</param>
internal sealed record Backend(
    IDeviceRegistry Registry,
    ITemplateStore Templates,
    ITemplateAssignmentStore Assignments,
    ICaKeyStore CaKeys,
    SignerCache Signers,
    IPrivateCertificateAuthority PrivateCas,
    ITaskStore Tasks,
    IAsyncDisposable Resources,
    ITemplateHierarchy? AssetLibrary = null);
