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

    public static TheoryData<string> Changes => ["deleted", "moved away", "replaced", "cut to nothing", "cut short", "log deleted", "folder moved away"];

    [Theory, MemberData(nameof(Changes))]
    public async Task What_cannot_be_kept_since_the_file_was_changed_under_it_is_not_answered(string change)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not let go of a file that is open.");
        var path = Path.Combine(_folder.File("home"), "registry.db");
        await using var database = await Database.OpenAsync(path, Sample.Schema, Cancellation);
        await Fill(database, "before", 5_000);
        await database.WriteAsync(Execute("SELECT 1"), Cancellation);
        var other = _folder.File("other.db");
        await using (var another = await Database.OpenAsync(other, Sample.Schema, Cancellation))
            await Fill(another, "other", 10);
        switch (change)
        {
            case "deleted":
                File.Delete(path);
                break;
            case "moved away":
                File.Move(path, _folder.File("elsewhere.db"));
                break;
            case "replaced":
                File.Move(other, path, overwrite: true);
                break;
            case "cut to nothing" or "cut short":
                await using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
                    file.SetLength(change == "cut short" ? file.Length - 1 : 0);
                break;
            case "log deleted":
                File.Delete(path + "-wal");
                break;
            default:
                Directory.Move(_folder.File("home"), _folder.File("home-2"));
                break;
        }

        for (var attempt = 0; attempt < 2; attempt++)
        {
            var error = await Assert.ThrowsAsync<CdfException>(async () => await Fill(database, $"after{attempt}", 1));
            Assert.Equal(CdfErrorCode.Unavailable, error.Code);
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_to_can_be_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "File modes do not bind this user.");
        await using (var database = await Open())
            await Fill(database, "a", 10);
        if (OperatingSystem.IsWindows())
            return;
        File.SetUnixFileMode(FilePath, UnixFileMode.UserRead);
        File.SetUnixFileMode(_folder.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            await using var readable = await Open();
            Assert.Equal(10, await Count(readable));
            var error = await Assert.ThrowsAsync<CdfException>(async () => await Fill(readable, "b", 1));
            Assert.Equal(CdfErrorCode.Unavailable, error.Code);
            Assert.Contains("cannot be opened for writing", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.SetUnixFileMode(_folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task A_file_that_is_made_when_written_is_neither_made_nor_read_as_empty_where_its_folder_was_moved_away()
    {
        var home = _folder.File("home");
        Directory.CreateDirectory(home);
        await using var database = await Database.OpenAsync(Path.Combine(home, "new", "registry.db"), Sample.Schema, Cancellation, madeWhenWrittenIn: home);
        Directory.Move(home, _folder.File("elsewhere"));

        foreach (var call in new Func<Task>[] { async () => await Count(database), async () => await Fill(database, "a", 3) })
            Assert.Equal(CdfErrorCode.Unavailable, (await Assert.ThrowsAsync<CdfException>(call)).Code);

        Assert.False(Directory.Exists(home));
    }

    [Fact]
    public async Task A_file_that_is_made_when_written_is_not_made_by_reading()
    {
        var path = Path.Combine(_folder.File("new"), "registry.db");
        await using var database = await Database.OpenAsync(path, Sample.Schema, Cancellation, madeWhenWrittenIn: _folder.Path);
        Assert.Equal(0, await Count(database));
        Assert.False(Directory.Exists(_folder.File("new")));

        await Fill(database, "a", 3);

        Assert.Equal(3, await Count(database));
        Assert.True(File.Exists(path));
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
