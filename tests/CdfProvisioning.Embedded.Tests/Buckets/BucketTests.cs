using System.Text;
using CdfProvisioning.Embedded.Buckets;
using CdfProvisioning.Embedded.Files;
using CdfProvisioning.Embedded.Tasks;
using CdfProvisioning.Provisioning;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CdfProvisioning.Tests.Buckets;

public sealed class BucketTests : BucketTestBase
{
    [Fact]
    public async Task An_object_is_a_file_of_its_key_that_only_the_user_can_read()
    {
        await PutAsync("x/y.json", "{}");
        Assert.Equal("{}", await File.ReadAllTextAsync(FileOf("x/y.json"), Cancellation));
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        if (OperatingSystem.IsWindows())
            return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FileOf("x/y.json")));
        foreach (var folder in Directory.EnumerateDirectories(Root, "*", SearchOption.AllDirectories))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        foreach (var file in Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task An_object_keeps_what_was_said_of_it()
    {
        var put = await PutAsync("a", "one", ("Content-Type", "text/plain"), ("x-amz-meta-maker", "me"));
        var found = await FindAsync("a");
        Assert.Equal("f97c5d29941bfb1b2fdab0874906ab82", found.ETag);
        Assert.Equal("text/plain", found.Headers["Content-Type"]);
        Assert.Equal("me", found.Headers["x-amz-meta-maker"]);
        Assert.Equal((put.ETag, put.Size, put.LastModified, put.Checksum), (found.ETag, found.Size, found.LastModified, found.Checksum));
    }

    [Fact]
    public async Task A_pipe_is_no_object_and_no_template_and_nobody_waits_for_its_other_end()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no pipes with a path.");
        await PutAsync("a", "one");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", FileOf("pipe.json")))
            await mkfifo.WaitForExitAsync(Cancellation);
        var templates = new FolderTemplateStore(new(Path.GetDirectoryName(FileOf("a"))!));

        Assert.Equal(["a"], await KeysAsync());
        Assert.Null(await Bucket.FindAsync("pipe.json", Cancellation));
        Assert.Equal(CdfErrorCode.NotFound, (await Assert.ThrowsAsync<CdfException>(async () => await templates.GetAsync("pipe", Cancellation))).Code);

        await PutAsync("pipe.json", "two");
        Assert.Equal("two", (await templates.GetAsync("pipe", Cancellation)).Body);
    }

    [Fact]
    public async Task A_file_that_is_changed_by_hand_is_another_object()
    {
        await PutAsync("a", "one", ("Content-Type", "text/plain"));
        WriteFile("a", "two");
        var found = await FindAsync("a");
        Assert.Equal(("b8a9f715dbb64fd5c56e7783c6820a61", 3L), (found.ETag, found.Size));
        Assert.Empty(found.Headers);
        WriteFile("a", "three");
        Assert.Equal(("35d6d33467aae9a2e3dccb4b6b027878", 5L), ((await FindAsync("a")).ETag, (await FindAsync("a")).Size));
    }

    [Fact]
    public async Task A_file_that_is_only_touched_stays_the_same_object()
    {
        await PutAsync("a", "one", ("Content-Type", "text/plain"));
        var then = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(FileOf("a"), then);
        var found = await FindAsync("a");
        Assert.Equal((then, "text/plain"), (found.LastModified, found.Headers["Content-Type"]));
    }

    [Fact]
    public async Task The_digests_of_a_file_that_was_put_here_by_hand_are_computed_once()
    {
        WriteFile("a", "one");
        var computed = await FindAsync("a");
        var record = Assert.Single(Directory.EnumerateFiles(Path.Combine(Root, ".s3", "buckets", BucketOfTest, "objects")));
        Assert.Contains(computed.ETag, await File.ReadAllTextAsync(record, Cancellation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{ nonsense")]
    [InlineData("{}")]
    public async Task An_object_outlives_what_is_kept_beside_it(string damaged)
    {
        await PutAsync("a", "one", ("Content-Type", "text/plain"));
        var record = Assert.Single(Directory.EnumerateFiles(Path.Combine(Root, ".s3", "buckets", BucketOfTest, "objects")));
        await File.WriteAllTextAsync(record, damaged, Cancellation);
        Assert.Equal("f97c5d29941bfb1b2fdab0874906ab82", (await FindAsync("a")).ETag);
        Directory.Delete(Path.Combine(Root, ".s3"), recursive: true);
        Assert.Equal("f97c5d29941bfb1b2fdab0874906ab82", (await FindAsync("a")).ETag);
        await PutAsync("a", "two");
        Assert.Equal("two", await ReadAsync("a"));
    }

    [Fact]
    public async Task Templates_are_objects_of_their_bucket_and_objects_are_templates()
    {
        var templates = new FolderTemplateStore(new(Root, BucketOfTest, "cdf"), "t-", ".json");
        await templates.PutAsync("first", "{ }", Cancellation);
        await PutAsync("cdf/t-second.json", "{  }");
        Assert.Equal("{ }", await ReadAsync("cdf/t-first.json"));
        Assert.Equal("{  }", (await templates.GetAsync("second", Cancellation)).Body);
        Assert.Equal(["first", "second"], await templates.ListIdsAsync(Cancellation).ToListAsync(Cancellation));
        Assert.Equal(["cdf/t-first.json", "cdf/t-second.json"], await KeysAsync());

        await templates.PutAsync("second", "{   }", Cancellation);
        Assert.Equal(5, (await FindAsync("cdf/t-second.json")).Size);
        await Bucket.DeleteAsync("cdf/t-first.json", WriteCondition.None, Cancellation);
        await templates.RemoveAsync("second", Cancellation);
        Assert.Empty(await KeysAsync());
    }

    [Theory]
    [InlineData("RESULTS")]
    [InlineData("ERRORS")]
    public async Task A_report_is_an_object_once_it_is_whole(string type)
    {
        Store.TryCreate("thing-registration-reports");
        var reports = Store.Get("thing-registration-reports");
        IReadOnlyList<string>[] listed = [["not written"], ["not written"]];

        await new TaskReport(Path.GetDirectoryName(Root)!, "arn:aws:iot:us-east-1:123456789012", templateBody: null).WriteAsync("task", type, RowsAsync(), Cancellation);

        Assert.All(listed, Assert.Empty);
        Assert.Equal([$"task/{type}.jsonl"], await ListedAsync());

        async Task<IReadOnlyList<string>> ListedAsync() => [.. (await reports.ListAsync(new("", null, "", int.MaxValue), Cancellation)).Items.Select(item => item.Key)];

        async IAsyncEnumerable<BulkRegistrationResult> RowsAsync()
        {
            listed[0] = await ListedAsync();
            for (var row = 1; row <= 2_000; row++) // some of it is in the file by then
                yield return new() { TaskId = "task", Row = row, Succeeded = type == "RESULTS", ThingName = $"thing-{row}" };
            listed[1] = await ListedAsync();
        }
    }

    [Fact]
    public async Task A_template_that_is_being_written_is_no_object()
    {
        var unfinished = $"t.json.{Guid.NewGuid():N}.tmp";
        WriteFile(unfinished, "{");
        Assert.Empty(await KeysAsync());
        Assert.Null(await Bucket.FindAsync(unfinished, Cancellation));
        Assert.Equal("InvalidArgument", await CodeOfAsync(() => PutAsync(unfinished, "x")));
        Store.Delete(BucketOfTest);
        Assert.False(Directory.Exists(FileOf("")));
    }

    [Fact]
    public async Task A_key_that_ends_in_a_slash_is_an_object_beside_those_below_it()
    {
        await PutAsync("2026/a", "one");
        await PutAsync("2026/", "", ("Content-Type", "application/x-directory"));
        await PutAsync("empty/", "");

        Assert.Equal(["2026/", "2026/a", "empty/"], await KeysAsync());
        Assert.Equal("application/x-directory", (await FindAsync("2026/")).Headers["Content-Type"]);
        Assert.Equal(["2026/a"], (await Bucket.ListAsync(new("2026/", null, "2026/", 9), Cancellation)).Items.Select(item => item.Key));
        Assert.Equal(["2026/", "empty/"], (await Bucket.ListAsync(new("", "/", "", 9), Cancellation)).CommonPrefixes);
        Assert.Equal("InvalidBucketState", await CodeOfAsync(() => PutAsync("empty", "x")));
        await Bucket.DeleteAsync("2026/a", WriteCondition.None, Cancellation);
        Assert.Equal(["2026/", "empty/"], await KeysAsync());
        foreach (var key in await KeysAsync())
            await Bucket.DeleteAsync(key, WriteCondition.None, Cancellation);
        Assert.Empty(Directory.EnumerateFileSystemEntries(FileOf("")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/absolute")]
    [InlineData("folder//")]
    [InlineData("folder/.folder-object")]
    [InlineData("a//b")]
    [InlineData("..")]
    [InlineData("../fleet2/a")]
    [InlineData("a/../../b")]
    [InlineData("./a")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("a\u0085b")]
    [InlineData("a\uFFFEb")]
    [InlineData("a\uD800b")]
    [InlineData("CON")]
    [InlineData("x/nul.json")]
    [InlineData("com1")]
    [InlineData("dot.")]
    [InlineData("space ")]
    [InlineData("space /a")]
    public async Task A_key_that_is_no_path_of_a_file_below_the_bucket_names_nothing(string key)
    {
        Assert.Equal("InvalidArgument", await CodeOfAsync(() => PutAsync(key, "x")));
        Assert.Null(await Bucket.FindAsync(key, Cancellation));
        await Bucket.DeleteAsync(key, WriteCondition.None, Cancellation);
        Assert.Equal("InvalidArgument", await CodeOfAsync(() => Task.FromResult(Bucket.Uploads.Create(key, new Dictionary<string, string>(), null, null))));
    }

    [Fact]
    public async Task A_key_is_as_long_as_a_path_can_be()
    {
        var longest = string.Join('/', Enumerable.Repeat(new string('a', 204), 5));
        Assert.Equal(1024, longest.Length);
        await PutAsync(longest, "x");
        Assert.Equal([longest], await KeysAsync());
        Assert.Equal("KeyTooLongError", await CodeOfAsync(() => PutAsync(longest + "a", "x")));
        await PutAsync(new string('ä', 127), "x");
        Assert.Equal("KeyTooLongError", await CodeOfAsync(() => PutAsync(new string('ä', 128), "x")));
    }

    [Fact]
    public void No_key_leads_out_of_its_bucket() => Prop.ForAll(
        ArbMap.Default.ArbFor<string[]>(),
        parts =>
        {
            var key = string.Join('/', parts.Select((part, i) => i % 3 == 0 ? ".." : part ?? "."));
            if (!ObjectKey.IsValid(key))
                return;
            var path = Path.GetFullPath(FileOf(key));
            Assert.StartsWith(Path.Combine(Root, BucketOfTest) + Path.DirectorySeparatorChar, path);
            Assert.Equal(key, path[(Path.Combine(Root, BucketOfTest).Length + 1)..]);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task A_link_in_a_bucket_leads_nowhere()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege on Windows.");
        var outside = Path.Combine(Root, "..", "outside");
        Directory.CreateDirectory(outside);
        await File.WriteAllTextAsync(Path.Combine(outside, "secret"), "secret", Cancellation);
        Directory.CreateSymbolicLink(FileOf("folder"), outside);
        File.CreateSymbolicLink(FileOf("file"), Path.Combine(outside, "secret"));

        Assert.Empty(await KeysAsync());
        Assert.Null(await Bucket.FindAsync("file", Cancellation));
        Assert.Null(await Bucket.FindAsync("folder/secret", Cancellation));
        Assert.Equal("InvalidBucketState", await CodeOfAsync(() => PutAsync("folder/new", "x")));
        await Bucket.DeleteAsync("folder/secret", WriteCondition.None, Cancellation);
        await PutAsync("file", "own");
        Assert.Equal("secret", await File.ReadAllTextAsync(Path.Combine(outside, "secret"), Cancellation));
        Assert.Equal("own", await ReadAsync("file"));
        Assert.Equal("BucketNotEmpty", await CodeOfAsync(() => Task.Run(() => Store.Delete(BucketOfTest), Cancellation)));
        Assert.Equal("secret", await File.ReadAllTextAsync(Path.Combine(outside, "secret"), Cancellation));
    }

    [Fact]
    public async Task A_key_cannot_be_a_file_and_a_folder()
    {
        await PutAsync("a", "1");
        await PutAsync("b/c/d", "1");
        Assert.Equal("InvalidBucketState", await CodeOfAsync(() => PutAsync("a/b", "2")));
        Assert.Equal("InvalidBucketState", await CodeOfAsync(() => PutAsync("a/b/c", "2")));
        Assert.Equal("InvalidBucketState", await CodeOfAsync(() => PutAsync("b", "2")));
        Assert.Null(await Bucket.FindAsync("b", Cancellation));
        await Bucket.DeleteAsync("b", WriteCondition.None, Cancellation);
        Assert.Equal(["a", "b/c/d"], await KeysAsync());
        Directory.CreateDirectory(FileOf("empty/folders"));
        await PutAsync("empty", "1");
        Assert.Equal("1", await ReadAsync("empty"));
    }

    [Fact]
    public async Task Folders_go_with_their_last_object()
    {
        await PutAsync("a/b/c", "1");
        await PutAsync("a/d", "1");
        await Bucket.DeleteAsync("a/b/c", WriteCondition.None, Cancellation);
        Assert.False(Directory.Exists(FileOf("a/b")));
        await Bucket.DeleteAsync("a/d", WriteCondition.None, Cancellation);
        Assert.Empty(Directory.EnumerateFileSystemEntries(FileOf("")));
        Assert.Empty(Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_reader_keeps_the_object_that_it_has_opened()
    {
        await PutAsync("a", "old");
        await using var opened = await Bucket.OpenAsync("a", Cancellation);
        await PutAsync("a", "newer");
        using var reader = new StreamReader(opened.Content);
        Assert.Equal((3L, "old"), (opened.Object.Size, await reader.ReadToEndAsync(Cancellation)));
        Assert.Equal("newer", await ReadAsync("a"));
    }

    [Fact]
    public async Task Content_that_breaks_off_leaves_nothing_and_the_old_object_as_it_was()
    {
        await PutAsync("a", "old");
        var broken = new ContentSource(new BreakingStream());
        await Assert.ThrowsAsync<IOException>(async () => await Bucket.ReceiveAsync([broken], [], Cancellation));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Root, ".s3", "unfinished")));
        using (await ReceiveAsync(Bucket, "never put"))
            Assert.Single(Directory.EnumerateFiles(Path.Combine(Root, ".s3", "unfinished")));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Root, ".s3", "unfinished")));
        Assert.Equal("old", await ReadAsync("a"));
    }

    [Fact]
    public async Task What_a_killed_process_left_unfinished_is_swept_out_a_day_later()
    {
        var unfinished = Path.Combine(Root, ".s3", "unfinished");
        Directory.CreateDirectory(unfinished);
        await File.WriteAllTextAsync(Path.Combine(unfinished, "old"), "x", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(unfinished, "young"), "x", Cancellation);
        File.SetLastWriteTimeUtc(Path.Combine(unfinished, "old"), DateTime.UtcNow.AddHours(-25));
        await PutAsync("a", "1");
        Assert.Equal([Path.Combine(unfinished, "young")], Directory.EnumerateFiles(unfinished));
    }

    [Fact]
    public async Task A_write_meets_its_condition_or_does_nothing()
    {
        Assert.Equal("NoSuchKey", await CodeOfAsync(() => PutAsync(Bucket, "a", "0", new(IfMatch: "x"))));
        var first = await PutAsync(Bucket, "a", "1", new(IfNoneMatch: true));
        Assert.Equal("PreconditionFailed", await CodeOfAsync(() => PutAsync(Bucket, "a", "2", new(IfNoneMatch: true))));
        Assert.Equal("PreconditionFailed", await CodeOfAsync(() => PutAsync(Bucket, "a", "2", new(IfMatch: "x"))));
        Assert.Equal("PreconditionFailed", await CodeOfAsync(() => Bucket.DeleteAsync("a", new(IfMatch: "x"), Cancellation).AsTask()));
        Assert.Equal("1", await ReadAsync("a"));
        var second = await PutAsync(Bucket, "a", "2", new(IfMatch: first.ETag));
        await Bucket.DeleteAsync("a", new(IfMatch: second.ETag), Cancellation);
        Assert.Equal("NoSuchKey", await CodeOfAsync(() => Bucket.DeleteAsync("a", new(IfMatch: second.ETag), Cancellation).AsTask()));
    }

    [Fact]
    public async Task Writers_that_build_on_what_they_read_lose_no_write()
    {
        await PutAsync("counter", "0");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var done = 0; done < 10;)
                try
                {
                    var seen = await FindAsync("counter");
                    var value = int.Parse(await ReadAsync("counter"), System.Globalization.CultureInfo.InvariantCulture);
                    await PutAsync(Bucket, "counter", $"{value + 1}", new(IfMatch: seen.ETag));
                    done++;
                }
                catch (CdfException e) when (e.ErrorTypeName is "PreconditionFailed" or "ConditionalRequestConflict")
                {
                }
        }, Cancellation)));
        Assert.Equal("40", await ReadAsync("counter"));
    }

    [Fact]
    public async Task A_reader_beside_writers_sees_one_object_or_the_other_with_its_own_headers()
    {
        await PutAsync("a", "0", ("x-amz-meta-text", "0"));
        var writer = Task.Run(async () =>
        {
            for (var i = 1; i < 150; i++)
                await PutAsync("a", new string('x', i), ("x-amz-meta-text", new string('x', i)));
        }, Cancellation);
        var reads = 0;
        while (!writer.IsCompleted)
        {
            await using var opened = await Bucket.OpenAsync("a", Cancellation);
            using var reader = new StreamReader(opened.Content, Encoding.UTF8);
            Assert.Equal(opened.Object.Headers["x-amz-meta-text"], await reader.ReadToEndAsync(Cancellation));
            reads++;
        }
        await writer;
        Assert.True(reads > 0);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_says_which_it_is()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "File modes do not bind this user.");
        if (OperatingSystem.IsWindows())
            return;
        WriteFile("a", "1");
        File.SetUnixFileMode(FileOf("a"), UnixFileMode.None);
        var error = await Assert.ThrowsAsync<CdfException>(() => FindAsync("a"));
        Assert.Equal("AccessDenied", error.ErrorTypeName);
        Assert.Contains(FileOf("a"), error.Message);
    }

    private sealed class BreakingStream : MemoryStream
    {
        private int _reads;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _reads++ < 3 ? ValueTask.FromResult(buffer.Length) : throw new IOException("The client is gone.");
    }
}
