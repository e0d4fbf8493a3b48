using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Embedded.Tasks;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;
using CdfProvisioning.Storage.Journal;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>On the embedded registry, in its transactions.</summary>
public sealed class ListUndoTests : ListUndoTestBase
{
    internal override Task<Factory> OpenAsync() => Factory.OpenAsync(region: "eu-west-1");

    internal override ValueTask<Database> OpenJournalAsync(Factory factory) =>
        Database.OpenAsync(Path.Combine(factory.Folder, "eu-west-1", "registry.db"), RegistrySchema.OfItsFile, Cancellation);

    internal override ITaskStore StoreIn(Database journal, Factory factory, Action<long, UnreliableRegistry> cut)
    {
        var registry = (EmbeddedRegistry)factory.Connection.Registry;
        return new JournaledTaskStore(journal, claim => new EmbeddedTaskRun(claim, (session, origin) =>
        {
            var line = new UnreliableTransaction(registry.Over(session, origin));
            cut(origin.Row, line);
            return line;
        }));
    }

    private sealed class UnreliableTransaction(ITransactionRegistry registry) : UnreliableRegistry(registry), ITransactionRegistry;
}
