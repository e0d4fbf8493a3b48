using CdfProvisioning.Embedded.Files;
using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Embedded.Tasks;
using CdfProvisioning.Storage.Journal;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Tests.Tasks;

/// <summary>Lists on the embedded registry.</summary>
internal sealed class Workshop : WorkshopBase
{
    private static readonly Arns Arns = new("123456789012", "us-east-1");

    private readonly string _folder;
    private readonly JournaledTaskStore _store;

    private Workshop(string folder, Database database, EmbeddedRegistry registry, JournaledTaskStore store)
        : base(folder, database, Arns, registry, store) => (_folder, _store, Registry) = (folder, store, registry);

    public EmbeddedRegistry Registry { get; }

    public ThingRegistrationTasks AwsTasks => new(Lists, _store, _folder, Arns.Prefix);

    public static async Task<Workshop> OpenAsync(string folder)
    {
        var database = await Database.OpenAsync(Path.Combine(folder, "registry.db"), RegistrySchema.OfItsFile, Cancellation);
        var registry = new EmbeddedRegistry(database, Arns, new(folder), new FolderCaKeyStore(new(folder)));
        var workshop = new Workshop(folder, database, registry, new(database, claim => new EmbeddedTaskRun(claim, registry.Over), CdfProvisioning.Embedded.Registry.Certificates.FindDer));
        await workshop.FurnishAsync();
        return workshop;
    }
}
