using CdfProvisioning.Aws.Tasks;
using CdfProvisioning.Embedded.Files;
using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Storage.Journal;
using CdfProvisioning.Storage.Sqlite;

namespace CdfProvisioning.Aws.Tests.Tasks;

/// <summary>Lists on an account that the embedded registry stands for, without its transactions and behind an unreliable line.</summary>
internal sealed class AwsWorkshop : WorkshopBase
{
    private static readonly Arns Arns = new("123456789012", "eu-west-1");

    private readonly Database _journal;

    private AwsWorkshop(string folder, Database account, UnreliableRegistry registry, Database journal, AwsTaskStore store)
        : base(folder, account, Arns, registry, store) => (Registry, _journal) = (registry, journal);

    public UnreliableRegistry Registry { get; }

    /// <summary>The file that the lists of a workshop in a folder are kept in.</summary>
    public static string JournalOf(string folder) => Path.Combine(folder, "journal", "lists.db");

    public static async Task<AwsWorkshop> OpenAsync(string folder)
    {
        var account = await Database.OpenAsync(Path.Combine(folder, "account.db"), RegistrySchema.OfItsFile, Cancellation);
        var journal = await Database.OpenAsync(JournalOf(folder), JournalSchema.OfItsOwnFile, Cancellation);
        var registry = new UnreliableRegistry(new EmbeddedRegistry(account, Arns, new(folder) { Settings = new() { KeyAlgorithm = CdfProvisioning.Certificates.KeyAlgorithm.P256 } }, new FolderCaKeyStore(new(folder))));
        var store = new AwsTaskStore(journal, registry, registry, s3: null!, new AwsBackendOptions(folder) { RequestsPerSecond = 64 });
        var workshop = new AwsWorkshop(folder, account, registry, journal, store);
        await workshop.FurnishAsync();
        return workshop;
    }

    /// <summary>The account has these things, each with one certificate, and no other certificate; where keys were made, the thing's key file has its key.</summary>
    public async Task AssertDevicesAsync(BulkRegistrationTask task, int devices, bool haveKeys = true)
    {
        Assert.Equal((BulkRegistrationStatus.Completed, devices, 0), (task.Status, task.SuccessCount, task.FailureCount));
        Assert.Equal(devices, await CountAsync("thing"));
        Assert.Equal(devices, await CountAsync("certificate"));
        Assert.Equal(devices, await CountAsync("thing_principal"));
        var results = await ResultsAsync(task);
        Assert.Equal(devices, results.Select(r => r.ThingName).Distinct().Count());
        if (!haveKeys)
            return;
        Assert.Equal(devices, Directory.EnumerateFiles(Keys).Count());
        Assert.All(results, r => Assert.Equal(r.CertificateId, CertificateIdOfKeyFile(r.ThingName!)));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _journal.DisposeAsync();
    }
}
