using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Hierarchies;

namespace CdfProvisioning.Embedded;

/// <summary>Which embedded registry to open, and how it behaves.</summary>
/// <param name="Folder">The folder of the registries, templates and CA keys; made if missing.</param>
/// <param name="AccountId">The AWS account that ARNs name.</param>
/// <param name="Region">The AWS region; each has a registry of its own.</param>
/// <param name="FullSync">Wait for the disk at every commit.</param>
/// <param name="Settings">Where AWS IoT's behaviour can be chosen; AWS's defaults otherwise.</param>
/// <param name="Provisioning">The settings of the original service; its defaults otherwise.</param>
/// <param name="AssetLibrary">A CDF Asset Library that says which template applies where; the assignments kept with the templates otherwise.</param>
/// <param name="IsMadeWhenWritten">Leaves it to the first write to make the registry's file; until then it reads as an empty one.</param>
/// <param name="KeyHolders">Where keys of CAs can be elsewhere.</param>
internal sealed record EmbeddedBackendOptions(
    string Folder, string AccountId = "123456789012", string Region = "us-east-1", bool FullSync = false, RegistrySettings? Settings = null,
    ProvisioningSettings? Provisioning = null, ITemplateHierarchy? AssetLibrary = null, bool IsMadeWhenWritten = false,
    IReadOnlyList<IKeyHolder>? KeyHolders = null);
