using CdfProvisioning.Local.Files;
using CdfProvisioning.Local.Registry;
using CdfProvisioning.Local.Storage;
using CdfProvisioning.Local.Tasks;

namespace CdfProvisioning.Tests.Tasks;

/// <summary>Lists on the embedded registry.</summary>
internal sealed class Workshop : WorkshopBase
{
    private static readonly Arns Arns = new("123456789012", "us-east-1");

    private readonly string _folder;
    private readonly LocalTaskStore _store;

    private Workshop(string folder, RegistryDatabase database, LocalRegistry registry, LocalTaskStore store)
        : base(folder, database, Arns, registry, store) => (_folder, _store) = (folder, store);

    public ThingRegistrationTasks AwsTasks => new(Lists, _store, _folder, Arns.Prefix);

    public static async Task<Workshop> OpenAsync(string folder)
    {
        var database = await RegistryDatabase.OpenAsync(Path.Combine(folder, "registry.db"), new(), Cancellation);
        var registry = new LocalRegistry(database, Arns, new(folder), new FolderCaKeyStore(folder));
        var workshop = new Workshop(folder, database, registry, new(database, claim => new LocalTaskRun(claim, registry.Over)));
        await workshop.FurnishAsync();
        return workshop;
    }
}
