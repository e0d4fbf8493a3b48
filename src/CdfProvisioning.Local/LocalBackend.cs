using CdfProvisioning.Local.Files;
using CdfProvisioning.Local.Registry;
using CdfProvisioning.Local.Storage;
using CdfProvisioning.Local.Tasks;

namespace CdfProvisioning.Local;

/// <summary>
/// The embedded backend, in one folder: <c>&lt;region&gt;/registry.db</c> with things and tasks, <c>buckets/templates</c>
/// with provisioning templates, <c>ca-keys</c> with the private keys of CAs.
/// </summary>
internal static class LocalBackend
{
    /// <summary>The bucket that is the template store.</summary>
    public const string TemplateBucket = "templates";

    /// <exception cref="CdfException">Unavailable: the folder or the registry in it cannot be used; the message says why.</exception>
    public static async ValueTask<Connection> OpenAsync(LocalBackendOptions options, CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(options.Folder);
        var templates = Path.Combine(folder, "buckets", TemplateBucket);
        var arns = new Arns(options.AccountId, options.Region);
        var caKeys = new FolderCaKeyStore(Path.Combine(folder, "ca-keys"));
        var database = await RegistryDatabase.OpenAsync(
            Path.Combine(folder, options.Region, "registry.db"), new RegistryDatabaseOptions(options.FullSync), cancellationToken);

        var registry = new LocalRegistry(database, arns, options.Settings ?? new RegistrySettings(), caKeys);
        var tasks = new LocalTaskStore(database, claim => new LocalTaskRun(claim, registry));
        var connection = new Connection(
            new ConnectionInfo("Embedded", options.AccountId, options.Region, folder, templates),
            registry, new FolderTemplateStore(templates), caKeys, tasks, registry);
        registry.ServeTasks(new ThingRegistrationTasks(connection.BulkRegistrations, tasks, folder, arns.Prefix));
        return connection;
    }
}
