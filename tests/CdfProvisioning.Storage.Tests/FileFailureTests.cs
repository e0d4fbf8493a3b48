using CdfProvisioning.Storage.Sqlite;
using Xunit;

namespace CdfProvisioning.Storage.Tests;

/// <summary>Bad files and bad disks: a clear error, nothing lost, nothing half-made.</summary>
public sealed class FileFailureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string FilePath => _folder.File("registry.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_full_disk_fails_the_whole_group_and_the_registry_works_again_once_there_is_space()
    {
        await using var database = await Open();
        await Fill(database, "before", 10);
        var pages = await database.ReadAsync(s => s.Scalar<long>("PRAGMA page_count"), Cancellation);
        await database.WriteAsync(s => s.Scalar<long>($"PRAGMA max_page_count = {pages + 4}"), Cancellation);

        using var gate = new ManualResetEventSlim();
        var held = database.WriteAsync(
            _ =>
            {
                gate.Wait(Cancellation);
                return 0;
            },
            Cancellation).AsTask();
        var small = Fill(database, "small", 1).AsTask();
        var swallowing = database.WriteAsync(
            session =>
            {
                try
                {
                    return Fill(session, "much", 100_000);
                }
                catch (CdfException)
                {
                    return 0;
                }
            },
            Cancellation).AsTask();
        gate.Set();

        foreach (var write in new[] { held, small, swallowing })
        {
            var error = await Assert.ThrowsAsync<CdfException>(() => write);
            Assert.Equal(CdfErrorCode.Unavailable, error.Code);
            Assert.Contains("disk is full", error.Message, StringComparison.Ordinal);
            Assert.Contains(FilePath, error.Message, StringComparison.Ordinal);
        }
        Assert.Equal(10, await Count(database));

        await database.WriteAsync(s => s.Scalar<long>("PRAGMA max_page_count = 1000000"), Cancellation);
        await Fill(database, "after", 10);
        Assert.Equal(20, await Count(database));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_as_it_is()
    {
        var text = string.Concat(Enumerable.Repeat("Dear diary, today I provisioned a device. ", 1000));
        await File.WriteAllTextAsync(FilePath, text, Cancellation);
        await RefusedAsync("another kind of file");
        Assert.Equal(text, await File.ReadAllTextAsync(FilePath, Cancellation));
    }

    [Fact]
    public async Task Another_programs_database_is_refused_and_left_as_it_is()
    {
        await using (var database = await Open())
            await database.WriteAsync(Execute("PRAGMA application_id = 1"), Cancellation);
        var before = await File.ReadAllBytesAsync(FilePath, Cancellation);
        await RefusedAsync("another program's");
        Assert.Equal(before, await File.ReadAllBytesAsync(FilePath, Cancellation));
    }

    [Fact]
    public async Task A_registry_of_a_newer_version_says_to_update_the_module()
    {
        await using (var database = await Open())
            await database.WriteAsync(Execute($"PRAGMA user_version = {Sample.Schema.Version + 1}"), Cancellation);
        await RefusedAsync("newer version", "Update the module");
    }

    [Fact]
    public async Task A_damaged_registry_is_reported_as_damaged()
    {
        await using (var database = await Open())
            await Fill(database, "key", 5_000);
        await using (var file = File.OpenWrite(FilePath))
        {
            file.Position = 8192;
            file.Write(new byte[file.Length - 8192]);
        }

        await using var damaged = await Open();
        var error = await Assert.ThrowsAsync<CdfException>(async () => await Count(damaged));
        Assert.Equal(CdfErrorCode.Unavailable, error.Code);
        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named()
    {
        await File.WriteAllTextAsync(_folder.File("file"), "", Cancellation);
        await RefusedAtAsync(Path.Combine(_folder.File("file"), "registry.db"), "may write to the folder");
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "File modes do not bind this user.");
        if (OperatingSystem.IsWindows())
            return;
        File.SetUnixFileMode(_folder.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await RefusedAsync("may write to the folder");
        File.SetUnixFileMode(_folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private Task RefusedAsync(params string[] texts) => RefusedAtAsync(FilePath, texts);

    private static async Task RefusedAtAsync(string path, params string[] texts)
    {
        var error = await Assert.ThrowsAsync<CdfException>(async () => await Database.OpenAsync(path, Sample.Schema, Cancellation));
        Assert.Equal(CdfErrorCode.Unavailable, error.Code);
        Assert.All([path, .. texts], text => Assert.Contains(text, error.Message, StringComparison.Ordinal));
    }

    private ValueTask<Database> Open() => Database.OpenAsync(FilePath, Sample.Schema, Cancellation);

    private static Func<Session, int> Execute(string sql) =>
        session =>
        {
            session.ExecuteScript(sql);
            return 0;
        };

    private static ValueTask<int> Fill(Database database, string prefix, int count) =>
        database.WriteAsync(session => Fill(session, prefix, count), Cancellation);

    private static int Fill(Session session, string prefix, int count)
    {
        for (var i = 0; i < count; i++)
            session.Execute("INSERT INTO setting (key, value) VALUES ($1, $2)", $"{prefix}{i}", "a value of some length");
        return count;
    }

    private static ValueTask<long> Count(Database database) =>
        database.ReadAsync(session => session.Scalar<long>("SELECT count(*) FROM setting"), Cancellation);
}
