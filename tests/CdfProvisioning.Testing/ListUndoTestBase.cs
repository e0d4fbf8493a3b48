using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CdfProvisioning.Iot;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using CdfProvisioning.Storage.Sqlite;
using Xunit;

namespace CdfProvisioning.Testing;

/// <summary>What a row of a list leaves that fails, and what becomes of the others.</summary>
public abstract class ListUndoTestBase
{
    public static TheoryData<string> Extensions => [.. ExtensionTemplates.All.Keys];

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal abstract Task<Factory> OpenAsync();

    /// <summary>Opens the file in which lists are kept.</summary>
    internal abstract ValueTask<Database> OpenJournalAsync(Factory factory);

    /// <summary>Lists in it.</summary>
    /// <param name="factory">Where the devices are registered.</param>
    /// <param name="journal">The file.</param>
    /// <param name="cut">Is given each row's number and its line to the registry.</param>
    internal abstract ITaskStore StoreIn(Database journal, Factory factory, Action<long, UnreliableRegistry> cut);

    [Theory]
    [MemberData(nameof(Extensions))]
    public async Task Whichever_call_of_a_row_is_refused_nothing_of_it_stays_and_the_others_are_registered(string extension)
    {
        var failing = 0;
        UnreliableRegistry? line = null;
        await using var factory = await OpenAsync();
        await using var journal = await OpenJournalAsync(factory);
        await using var lists = factory.ListsIn(StoreIn(journal, factory, (row, itsLine) =>
        {
            if (row != 1)
                return;
            line = itsLine;
            line.LosesCall = _ => line.Calls == failing ? IotErrorType.InvalidRequest.Error("Refused.") : null;
        }));
        var before = await factory.FactsAsync();
        var others = await ExpectedAsync(extension, "d2", "d3");

        while (true)
        {
            failing++;
            var task = await lists.RunAsync(factory, ExtensionTemplates.All[extension], factory.CommonParameters(), DeviceLists.Rows("d1", "d2", "d3"));
            var errors = (await lists.ResultsAsync(task)).Select(result => result.Error);
            if (line!.Calls < failing)
            {
                Assert.Equal([null, null, null], errors);
                break;
            }

            Assert.Equal(["Refused.", null, null], errors);
            Assert.Equal(others, await StateAsync(factory));
            await RestoreAsync(factory, before);
        }

        Assert.Equal(await ExpectedAsync(extension, "d1", "d2", "d3"), await StateAsync(factory));
        Assert.True(failing > 10, $"There were only {failing - 1} calls.");
    }

    /// <summary>The facts of a registry in which nothing but these devices was registered, and nothing went wrong.</summary>
    private protected static async Task<IReadOnlyList<string>> ExpectedAsync(string extension, params IEnumerable<string> thingNames)
    {
        await using var factory = await Factory.OpenAsync(region: "eu-west-1");
        await factory.Connection.BulkRegistrations.RunAsync(factory, ExtensionTemplates.All[extension], factory.CommonParameters(), DeviceLists.Rows(thingNames));
        return await StateAsync(factory);
    }

    /// <summary>The registry's facts, and those of the key folder.</summary>
    private protected static async Task<IReadOnlyList<string>> StateAsync(Factory factory) =>
        (await factory.FactsAsync()).Concat(Directory.EnumerateFiles(factory.KeyFolder).Select(KeyFileFact)).Comparable();

    private static string KeyFileFact(string file)
    {
        var pem = File.ReadAllText(file);
        using var certificate = X509Certificate2.CreateFromPem(pem, pem);
        return $"certificate {certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant()} with its key in {Path.GetFileName(file)}";
    }

    private static async Task RestoreAsync(Factory factory, IReadOnlyList<string> before)
    {
        await factory.RestoreAsync(before);
        Directory.Delete(factory.KeyFolder, recursive: true);
    }
}
