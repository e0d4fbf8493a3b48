using CdfProvisioning.Iot;
using CdfProvisioning.Storage.Sqlite;
using Xunit;

namespace CdfProvisioning.Storage.Tests;

public sealed class DatabaseTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private Database _database = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string FilePath => _folder.File("home/registry/registry.db");

    public async ValueTask InitializeAsync() => _database = await Open();

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_is_written_is_there_when_the_file_is_opened_again()
    {
        await Put(_database, "a", "1");
        await _database.DisposeAsync();
        _database = await Open();
        Assert.Equal("1", await Get(_database, "a"));
    }

    [Fact]
    public void Only_the_user_can_read_the_file_and_the_folders_made_for_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        if (OperatingSystem.IsWindows())
            return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        var made = Path.GetDirectoryName(FilePath)!;
        foreach (var path in new[] { made, Path.GetDirectoryName(made)! })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
    }

    [Fact]
    public async Task A_write_that_fails_undoes_itself_and_nothing_else()
    {
        using var gate = new ManualResetEventSlim();
        var held = Hold(gate);
        var good = Put(_database, "good", "1");
        var bad = _database.WriteAsync<int>(
            session =>
            {
                Put(session, "bad", "1");
                throw IotErrorType.InvalidRequest.Error("no");
            },
            Cancellation);
        var late = Put(_database, "late", "1");
        gate.Set();

        await held;
        await good;
        await late;
        Assert.Equal("no", (await Assert.ThrowsAsync<CdfException>(async () => await bad)).Message);
        Assert.Equal("1", await Get(_database, "good"));
        Assert.Equal("1", await Get(_database, "late"));
        Assert.Null(await Get(_database, "bad"));
    }

    [Fact]
    public async Task An_attempt_within_a_write_undoes_only_itself()
    {
        await _database.WriteAsync(
            session =>
            {
                Put(session, "kept", "1");
                Assert.Throws<CdfException>(() => session.Attempt(inner =>
                {
                    Put(inner, "undone", "1");
                    return inner.Attempt<int>(_ => throw IotErrorType.InvalidRequest.Error("no"));
                }));
                return 0;
            },
            Cancellation);

        Assert.Equal("1", await Get(_database, "kept"));
        Assert.Null(await Get(_database, "undone"));
    }

    [Fact]
    public async Task A_read_sees_one_state_of_the_registry_while_others_write()
    {
        await Put(_database, "a", "before");
        var (first, second) = await _database.ReadAsync(
            session =>
            {
                var before = Get(session, "a");
                Put(_database, "a", "after").AsTask().Wait(Cancellation);
                return (before, Get(session, "a"));
            },
            Cancellation);
        Assert.Equal(("before", "before"), (first, second));
        Assert.Equal("after", await Get(_database, "a"));
    }

    [Fact]
    public async Task A_write_can_be_cancelled_while_it_waits_its_turn()
    {
        using var gate = new ManualResetEventSlim();
        var held = Hold(gate);
        using var cancellation = new CancellationTokenSource();
        var waiting = Put(_database, "a", "1", cancellation.Token);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
        gate.Set();
        await held;
        await Put(_database, "b", "1");
        Assert.Null(await Get(_database, "a"));
    }

    [Fact]
    public async Task Closing_finishes_what_is_queued()
    {
        using var gate = new ManualResetEventSlim();
        var held = Hold(gate);
        var queued = Enumerable.Range(0, 100).Select(i => Put(_database, $"k{i}", "1").AsTask()).ToList();
        var closing = _database.DisposeAsync();
        gate.Set();
        await closing;
        await held;
        await Task.WhenAll(queued);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Put(_database, "more", "1"));

        _database = await Open();
        Assert.Equal(100, await _database.ReadAsync(s => s.Scalar<long>("SELECT count(*) FROM setting"), Cancellation));
    }

    [Fact]
    public async Task Several_openers_write_to_one_file_at_the_same_time_and_lose_nothing()
    {
        const int Openers = 4, Writes = 200;
        await Parallel.ForAsync(0, Openers, Cancellation, async (opener, _) =>
        {
            await using var another = await Open();
            for (var i = 0; i < Writes; i++)
                await Put(another, $"{opener}-{i}", "1");
        });
        Assert.Equal(Openers * Writes, await _database.ReadAsync(s => s.Scalar<long>("SELECT count(*) FROM setting"), Cancellation));
    }

    [Fact]
    public async Task Many_can_open_a_new_file_at_the_same_moment()
    {
        for (var round = 0; round < 20; round++)
        {
            var path = _folder.File($"new-{round}.db");
            var opened = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
            {
                var another = await Database.OpenAsync(path, Sample.Schema, Cancellation);
                await Put(another, $"k{i}", "1");
                return another;
            })));
            Assert.Equal(8, await opened[0].ReadAsync(s => s.Scalar<long>("SELECT count(*) FROM setting"), Cancellation));
            foreach (var another in opened)
                await another.DisposeAsync();
        }
    }

    [Fact]
    public async Task Every_kind_of_value_comes_back_as_it_went_in()
    {
        byte[] bytes = [1, 0, 255];
        var time = DateTimeOffset.FromUnixTimeMilliseconds(1_541_022_751_983);
        var id = Guid.NewGuid();
        var row = await _database.ReadAsync(
            session => session.Single(
                "SELECT $1, $2, $3, $4, $5, $6, $7, $8",
                r => (r.Text(0), r.Int64(1), r.Boolean(2), Bytes: r.Blob(3), r.Time(4), r.Guid(5), r.IsNull(6) && !r.IsNull(7), Empty: r.Blob(7)),
                "Grüße\0ß", long.MinValue, true, bytes, time, id, null, Array.Empty<byte>()),
            Cancellation);
        Assert.Equal(("Grüße\0ß", long.MinValue, true), (row.Item1, row.Item2, row.Item3));
        Assert.Equal(bytes, row.Bytes);
        Assert.Equal((time, id, true), (row.Item5, row.Item6, row.Item7));
        Assert.Empty(row.Empty);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public async Task The_disk_is_waited_for_where_that_is_asked_for(bool fullSync, long synchronous)
    {
        await using var database = await Database.OpenAsync(_folder.File("sync.db"), Sample.Schema, Cancellation, fullSync);
        Assert.Equal(synchronous, await database.WriteAsync(session => session.Scalar<long>("PRAGMA synchronous"), Cancellation));
    }

    [Fact]
    public async Task A_read_that_is_not_wanted_any_more_is_not_made()
    {
        var isRead = false;
        var reading = _database.ReadAsync(_ => isRead = true, new CancellationToken(canceled: true));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading);
        Assert.False(isRead);
    }

    [Fact]
    public async Task A_read_that_fails_leaves_nothing_behind_for_the_next()
    {
        Assert.Equal("no", (await Assert.ThrowsAsync<CdfException>(
            async () => await _database.ReadAsync<int>(_ => throw IotErrorType.InvalidRequest.Error("no"), Cancellation))).Message);

        await Put(_database, "a", "1");
        Assert.Equal("1", await Get(_database, "a"));
    }

    [Fact]
    public async Task A_write_that_has_begun_is_answered_though_it_is_cancelled()
    {
        using var gate = new ManualResetEventSlim();
        using var cancellation = new CancellationTokenSource();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writing = _database.WriteAsync(
            session =>
            {
                begun.SetResult();
                gate.Wait(Cancellation);
                return Put(session, "a", "1");
            },
            cancellation.Token);
        await begun.Task;
        await cancellation.CancelAsync();
        gate.Set();

        Assert.Equal(1, await writing);
        Assert.Equal("1", await Get(_database, "a"));
    }

    [Fact]
    public async Task A_write_of_some_thousand_rows_does_not_wait_for_those_queued_behind_it()
    {
        using var first = new ManualResetEventSlim();
        using var last = new ManualResetEventSlim();
        var held = Hold(first);
        var many = _database.WriteAsync(session => Enumerable.Range(0, 4_000).Sum(i => Put(session, $"k{i}", "1")), Cancellation).AsTask();
        var behind = Hold(last);
        first.Set();

        Assert.Equal(4_000, await many.WaitAsync(TimeSpan.FromSeconds(60), Cancellation));
        last.Set();
        await held;
        await behind;
    }

    [Fact]
    public async Task Few_rows_are_committed_together()
    {
        using var gate = new ManualResetEventSlim();
        var held = Hold(gate);
        var before = Put(_database, "a", "1");
        var seenBehind = _database.WriteAsync(_ => Get(_database, "a").AsTask().GetAwaiter().GetResult(), Cancellation);
        gate.Set();

        await held;
        await before;
        Assert.Null(await seenBehind);
        Assert.Equal("1", await Get(_database, "a"));
    }

    [Fact]
    public async Task A_watch_tells_of_each_change_once_whoever_made_it()
    {
        using var watch = _database.Watch();
        Assert.True(watch.HasChanged());
        Assert.False(watch.HasChanged());

        await Put(_database, "a", "1");
        Assert.True(watch.HasChanged());
        Assert.False(watch.HasChanged());
    }

    [Fact]
    public async Task What_was_closed_holds_no_file_and_cannot_be_read()
    {
        await Put(_database, "a", "1");
        var isOpenWhileRead = await _database.ReadAsync(session => (Get(session, "a"), OpenFiles()).Item2, Cancellation);
        Assert.NotEmpty(isOpenWhileRead);

        await _database.DisposeAsync();

        Assert.Empty(OpenFiles());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Get(_database, "a"));

        string[] OpenFiles()
        {
            Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux says what is open.");
            return [.. Directory.GetFiles("/proc/self/fd").Select(file => new FileInfo(file).LinkTarget ?? "").Where(target => target.StartsWith(FilePath, StringComparison.Ordinal))];
        }
    }

    [Fact]
    public async Task A_file_of_an_older_version_gets_what_is_new_and_keeps_what_it_has()
    {
        await Put(_database, "a", "1");
        await _database.DisposeAsync();
        var newer = Sample.Schema with { Scripts = [.. Sample.Schema.Scripts, "ALTER TABLE setting ADD COLUMN note TEXT DEFAULT 'new'", "CREATE TABLE other (id INTEGER)"] };

        for (var time = 0; time < 2; time++)
        {
            _database = await Database.OpenAsync(FilePath, newer, Cancellation);
            Assert.Equal("1 new 0", await _database.ReadAsync(
                session => session.Scalar<string>("SELECT value || ' ' || note || ' ' || (SELECT count(*) FROM other) FROM setting"), Cancellation));
            await _database.DisposeAsync();
        }

        Assert.Contains("its format is 3, this version knows 1", (await Assert.ThrowsAsync<CdfException>(async () => await Open())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_whose_tables_cannot_be_brought_up_to_date_stays_as_it_is()
    {
        await Put(_database, "a", "1");
        await _database.DisposeAsync();
        var newer = Sample.Schema with { Scripts = [.. Sample.Schema.Scripts, "DELETE FROM setting; CREATE TABLE setting (id INTEGER)"] };

        await Assert.ThrowsAsync<CdfException>(async () => await Database.OpenAsync(FilePath, newer, Cancellation));

        _database = await Open();
        Assert.Equal("1", await Get(_database, "a"));
    }

    [Fact]
    public async Task Who_else_may_read_an_existing_file_is_its_owners_to_say()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        if (OperatingSystem.IsWindows())
            return;
        await _database.DisposeAsync();
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        File.SetUnixFileMode(FilePath, mode);

        _database = await Open();

        Assert.Equal(mode, File.GetUnixFileMode(FilePath));
    }

    [Theory]
    [InlineData(341)]
    [InlineData(342)]
    [InlineData(4_000_000)]
    public async Task A_text_of_any_length_comes_back_as_it_went_in(int length)
    {
        var text = new string('ß', length);
        Assert.Equal(text, await _database.ReadAsync(session => session.Scalar<string>("SELECT $1", text), Cancellation));
    }

    [Fact]
    public async Task A_column_is_read_as_what_is_wanted()
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(1_541_022_751_983);
        await _database.ReadAsync(
            session =>
            {
                Assert.Equal(7L, session.Scalar<long>("SELECT 7"));
                Assert.Equal(7, session.Scalar<int?>("SELECT 7"));
                Assert.True(session.Scalar<bool>("SELECT 7"));
                Assert.False(session.Scalar<bool>("SELECT $1", false));
                Assert.Equal([1, 2], session.Scalar<byte[]>("SELECT x'0102'"));
                Assert.Equal(time, session.Scalar<DateTimeOffset>("SELECT $1", time));
                Assert.Null(session.Scalar<int?>("SELECT NULL"));
                Assert.Equal(0, session.Scalar<int>("SELECT 7 WHERE 0"));
                Assert.Equal([(null, null), (5L, DateTimeOffset.FromUnixTimeMilliseconds(5))], session.Query("VALUES (NULL), (5)", row => (row.Int64OrNull(0), row.TimeOrNull(0))));
                Assert.Throws<NotSupportedException>(() => session.Scalar<float>("SELECT 7"));
                Assert.Throws<NotSupportedException>(() => session.Scalar<int>("SELECT $1", 7f));
                return 0;
            },
            Cancellation);
    }

    private ValueTask<Database> Open() => Database.OpenAsync(FilePath, Sample.Schema, Cancellation);

    private ValueTask<int> Hold(ManualResetEventSlim gate) =>
        _database.WriteAsync(
            _ =>
            {
                gate.Wait(Cancellation);
                return 0;
            },
            Cancellation);

    private static ValueTask<int> Put(Database database, string key, string value, CancellationToken? cancellation = null) =>
        database.WriteAsync(session => Put(session, key, value), cancellation ?? Cancellation);

    private static int Put(Session session, string key, string value) =>
        session.Execute("INSERT OR REPLACE INTO setting (key, value) VALUES ($1, $2)", key, value);

    private static ValueTask<string?> Get(Database database, string key) => database.ReadAsync(session => Get(session, key), Cancellation);

    private static string? Get(Session session, string key) => session.Scalar<string>("SELECT value FROM setting WHERE key = $1", key);
}
