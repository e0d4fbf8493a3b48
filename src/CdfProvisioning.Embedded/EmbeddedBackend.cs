using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded.Files;
using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Embedded.Tasks;
using CdfProvisioning.Iot;
using CdfProvisioning.Storage.Journal;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Embedded;

/// <summary>
/// The embedded backend, in one folder: <c>&lt;region&gt;/registry.db</c> with things and tasks, <c>buckets/templates</c>
/// with provisioning templates, <c>ca-keys</c> with the private keys of CAs.
/// </summary>
internal static class EmbeddedBackend
{
    /// <summary>The folder of the buckets, within the backend's.</summary>
    public const string BucketsFolder = "buckets";

    /// <summary>The bucket that is the template store.</summary>
    public const string TemplateBucket = "templates";

    /// <exception cref="CdfException">
    /// InvalidRequest: AWS has no region of that name. Unavailable: the folder or the registry in it cannot be used; the
    /// message says why.
    /// </exception>
    public static async ValueTask<Connection> OpenAsync(EmbeddedBackendOptions options, CancellationToken cancellationToken)
    {
        AwsRegions.Check(options.Region);
        var settings = options.Provisioning ?? new ProvisioningSettings();
        var folder = Path.GetFullPath(options.Folder);
        var prefix = settings.TemplatePrefix ?? "";
        var templates = new RegistryFolder(folder, BucketsFolder, TemplateBucket, prefix[..(prefix.LastIndexOf('/') + 1)]);
        prefix = prefix[(prefix.LastIndexOf('/') + 1)..];
        var arns = new Arns(options.AccountId, options.Region);
        var caKeys = new FolderCaKeyStore(new(folder, "ca-keys"));
        var database = await Database.OpenAsync(
            Path.Combine(folder, options.Region, "registry.db"), RegistrySchema.OfItsFile, cancellationToken, options.FullSync,
            options.IsMadeWhenWritten ? folder : null);

        var registry = new EmbeddedRegistry(database, arns, options, caKeys);
        var remoteKeys = new RemoteKeys(options.KeyHolders ?? []);
        var signers = SignerCache.Of(registry, caKeys, remoteKeys);
        var tasks = new JournaledTaskStore(database, claim => new EmbeddedTaskRun(claim, registry.Over), Registry.Certificates.FindDer);
        var connection = new Connection(
            new ConnectionInfo("Embedded", options.AccountId, options.Region, folder, templates.Path), settings, registry,
            new FolderTemplateStore(templates, prefix, settings.TemplateSuffix ?? ".json"), new FolderAssignmentStore(templates, prefix),
            caKeys, remoteKeys, signers, new EmbeddedPrivateCertificateAuthority(signers, arns), tasks, options.AssetLibrary, backend: registry);
        registry.ServeTasks(new ThingRegistrationTasks(connection.BulkRegistrations, tasks, folder, arns.Prefix, options.Settings?.RunsOneTaskAtATime ?? false).AnswerAsync);
        return connection;
    }

    /// <summary>Opens the registry of another region, beside the one that is open and with its settings. There is none until something is written.</summary>
    /// <exception cref="CdfException">Unavailable.</exception>
    public static ValueTask<Connection> OpenRegionAsync(Connection open, string region, CancellationToken cancellationToken)
    {
        var options = ((EmbeddedRegistry)open.Registry).Options;
        new RegistryFolder(options.Folder).CheckIsThere();
        return OpenAsync(options with { Region = region, IsMadeWhenWritten = true }, cancellationToken);
    }
}
