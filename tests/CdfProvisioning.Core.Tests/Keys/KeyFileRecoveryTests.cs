using System.Text;
using CdfProvisioning.Files;
using CdfProvisioning.Keys;
using Xunit;

namespace CdfProvisioning.Tests.Keys;

/// <summary>What of a key file stays when something goes wrong, and what is said of it.</summary>
public sealed class KeyFileRecoveryTests : KeyFileTestBase
{
    [Fact]
    public async Task A_batch_that_a_task_of_another_registry_left_is_for_that_to_settle()
    {
        await AppendAsync(1);
        LeaveNote("""{"offset":0,"registry":"another","taskId":"theirs","lastRow":1}""");

        var error = await Assert.ThrowsAsync<CdfException>(() => AppendAsync(2));

        Assert.Equal(CdfErrorCode.Conflict, error.Code);
        Assert.Contains("theirs of another registry", error.Message, StringComparison.Ordinal);
        Assert.Equal([1], Rows());
        LeaveNote("");
        await AppendAsync(2);
        Assert.Equal([1, 2], Rows());
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(1L, false)]
    [InlineData(2L, true)]
    [InlineData(3L, true)]
    public async Task A_batch_that_was_left_stays_if_its_last_row_has_a_result(long? done, bool stays)
    {
        await AppendAsync(1);
        var before = new FileInfo(FilePath).Length;
        await AppendAsync(2);
        LeaveNote($$"""{"offset":{{before}},"registry":"registry","taskId":"left","lastRow":2}""");
        if (done is { } rows)
            Done["left"] = rows;

        await Open().RecoverAsync(Cancellation);

        Assert.Equal(stays ? [1, 2] : [1L], Rows());
        Assert.Equal(0, new FileInfo(NotePath).Length);
    }

    [Fact]
    public async Task A_batch_of_which_nothing_had_been_written_makes_the_file_no_longer()
    {
        await AppendAsync(1);
        var length = new FileInfo(FilePath).Length;
        LeaveNote($$"""{"offset":{{length + 100}},"registry":"registry","taskId":"left","lastRow":2}""");

        await Open().RecoverAsync(Cancellation);

        Assert.Equal(length, new FileInfo(FilePath).Length);
    }

    [Fact]
    public async Task A_note_that_was_not_written_to_its_end_is_of_a_batch_that_had_not_begun()
    {
        await AppendAsync(1);
        LeaveNote("""{"offset":0,"regis""");

        await AppendAsync(2);

        Assert.Equal([1, 2], Rows());
        Assert.Equal(0, new FileInfo(NotePath).Length);
    }

    [Fact]
    public async Task A_batch_waits_for_the_one_before_it_and_can_give_up_waiting()
    {
        var first = await Open().BeginAsync("task", 1, Cancellation);
        using (var impatience = new CancellationTokenSource())
        {
            var given = Open().BeginAsync("task", 2, impatience.Token).AsTask();
            Assert.False(given.IsCompleted);
            await impatience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        }
        var waiting = AppendAsync(2);
        first.Append([Line(1)]);
        first.Keep();
        await first.DisposeAsync();
        await waiting;

        Assert.Equal([1, 2], Rows());
    }

    [Fact]
    public async Task A_batch_that_cannot_begin_lets_the_next_one()
    {
        await AppendAsync(1);
        var moved = Folder.File("moved");
        var file = Open();
        File.Move(FilePath, moved);
        var error = await Assert.ThrowsAsync<CdfException>(async () => await file.BeginAsync("task", 2, Cancellation));
        Assert.Equal(CdfErrorCode.Unavailable, error.Code);
        Assert.Contains($"'{FilePath}' cannot be used", error.Message, StringComparison.Ordinal);

        File.Move(moved, FilePath);
        await AppendAsync(2);
        Assert.Equal([1, 2], Rows());
    }

    [Fact]
    public async Task A_batch_in_which_nothing_was_appended_changes_nothing()
    {
        await AppendAsync(1);
        await using (var batch = await Open().BeginAsync("task", 2, Cancellation))
        {
            batch.Append([]);
            Assert.Equal(0, new FileInfo(NotePath).Length);
            batch.Keep();
        }

        Assert.Equal([1], Rows());
        Assert.Equal(0, new FileInfo(NotePath).Length);
    }

    [Fact]
    public async Task While_a_batch_is_under_way_its_note_says_where_it_began_and_for_what()
    {
        await AppendAsync(1);
        var length = new FileInfo(FilePath).Length;
        await using var batch = await Open().BeginAsync("task", 3, Cancellation);
        batch.Append([Line(2), Line(3)]);

        Assert.Equal($$"""{"offset":{{length}},"registry":"registry","taskId":"task","lastRow":3}""", Read(NotePath));
    }

    [Fact]
    public async Task A_batch_that_cannot_be_ended_is_ended_by_the_next()
    {
        await AppendAsync(1);
        var batch = await KeyFile.Open(FilePath, null, "registry", _ => throw CdfErrorCode.Unavailable.Error("The registry is away.")).BeginAsync("task", 2, Cancellation);
        batch.Append([Line(2)]);
        await batch.DisposeAsync();
        Assert.Equal([1, 2], Rows());

        await AppendAsync(3);
        Assert.Equal([1, 3], Rows());
    }

    [Fact]
    public void A_line_that_is_no_key_is_named_by_its_number()
    {
        var lines = Encoding.UTF8.GetString([.. Line(1), .. Line(2)]);
        File.WriteAllText(FilePath, $$"""{{lines}}{"row":3,"thing":"x"}""");
        var incomplete = Assert.Throws<CdfException>(() => Rows());
        Assert.Equal(CdfErrorCode.InvalidRequest, incomplete.Code);
        Assert.Contains($"Line 3 of '{FilePath}'", incomplete.Message, StringComparison.Ordinal);
        Assert.Contains("no privateKeyPem", incomplete.Message, StringComparison.Ordinal);

        File.WriteAllText(FilePath, "\n\nnull\n");
        Assert.Contains($"Line 1 of '{FilePath}'", Assert.Throws<CdfException>(() => Rows()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("certificateId")]
    [InlineData("certificatePem")]
    [InlineData("privateKeyPem")]
    public void A_line_without_what_makes_a_key_usable_is_none(string member)
    {
        File.WriteAllText(FilePath, Encoding.UTF8.GetString(Line(1)).Replace(member, "other", StringComparison.Ordinal));
        Assert.Equal(CdfErrorCode.InvalidRequest, Assert.Throws<CdfException>(() => Rows()).Code);
    }

    [Fact]
    public void Blank_lines_between_keys_are_none()
    {
        File.WriteAllText(FilePath, Encoding.UTF8.GetString([.. Line(1), (byte)'\n', .. Line(2)]));
        Assert.Equal([1, 2], Rows());
    }

    [Fact]
    public void A_file_in_a_folder_that_is_not_there_is_made_with_it_and_is_the_users_only()
    {
        var path = Path.Combine(Folder.File("new"), "keys.jsonl");

        Assert.Equal(path, KeyFile.Open(path, null, "registry", _ => new((long?)null)).Path);

        Assert.Equal(0, new FileInfo(path).Length);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder.File("new")));
    }

    [Theory]
    [InlineData("-")]
    [InlineData("-----BEGIN CMS----")]
    [InlineData("[]")]
    [InlineData("-----BEGIN CERTIFICATE-----\n")]
    public void What_begins_otherwise_than_a_key_file_is_left_alone(string text)
    {
        File.WriteAllText(FilePath, text);
        Assert.Contains("is no key file", Assert.Throws<CdfException>(() => Open()).Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(FilePath));
    }

    private static string Read(string path)
    {
        using var file = UnixFiles.OpenRegular(path, FileAccess.Read);
        var bytes = new byte[RandomAccess.GetLength(file)];
        return Encoding.UTF8.GetString(bytes, 0, RandomAccess.Read(file, bytes, 0));
    }
}
