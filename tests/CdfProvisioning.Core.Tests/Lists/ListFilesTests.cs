using System.Text;
using CdfProvisioning.Lists;
using Xunit;

namespace CdfProvisioning.Tests.Lists;

/// <summary>Which files are lists, of what form, and what is said of the others.</summary>
public sealed class ListFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    public static TheoryData<byte[], string> OtherKinds => new()
    {
        { "PK\x3\x4"u8.ToArray(), "a workbook (.xlsx) or a ZIP archive: save it as CSV UTF-8" },
        { [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "a workbook (.xls): save it as CSV UTF-8" },
        { "%PDF-1.7"u8.ToArray(), "a PDF: a list is CSV, or JSON." },
        { [0x1F, 0x8B, 8], "compressed (gzip): unpack it first." },
        { [.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive: unpack it first." },
        { [0x28, 0xB5, 0x2F, 0xFD], "compressed (Zstandard): unpack it first." },
        { [0xFD, .. "7zXZ"u8, 0], "compressed (xz): unpack it first." },
        { "BZh9"u8.ToArray(), "compressed (bzip2): unpack it first." },
        { "Rar!"u8.ToArray(), "a RAR archive: unpack it first." },
        { "SQLite format 3\0"u8.ToArray(), "an SQLite database: a list is CSV, or JSON." },
        { "PAR1"u8.ToArray(), "a Parquet file: a list is CSV, or JSON." },
        { [0x89, .. "PNG"u8], "a picture: a list is CSV, or JSON." },
        { [0xFF, 0xD8, 0xFF, 0xE0], "a picture: a list is CSV, or JSON." },
        { [0xEF, 0xBB, 0xBF, .. " \r\n\t<html>"u8], "XML or a web page: a list is CSV, or JSON." },
        { [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(" <a/>")], "XML or a web page: a list is CSV, or JSON." },
        { [.. Encoding.BigEndianUnicode.GetPreamble(), .. Encoding.BigEndianUnicode.GetBytes("<a/>")], "XML or a web page: a list is CSV, or JSON." },
    };

    [Theory, MemberData(nameof(OtherKinds))]
    public async Task A_file_of_another_kind_is_called_what_it_is_and_what_to_do_about_it(byte[] start, string what)
    {
        await File.WriteAllBytesAsync(_folder.File("list"), [.. start, .. new byte[600]], Cancellation);
        var error = await Assert.ThrowsAsync<CdfException>(() => ReadFileAsync("list"));
        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.Contains($"list' is {what}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PK,Name\n1,x\n", "PK")]
    [InlineData("PAR,BZ\n1,x\n", "PAR")]
    [InlineData("a<b,c\n1,x\n", "a<b")]
    [InlineData("\n \"<a\",c\n1,x\n", "<a")]
    public async Task A_list_that_begins_almost_like_another_kind_of_file_is_a_list(string text, string column)
    {
        await WriteAsync("list", text);
        Assert.Equal("1", Assert.Single(await ReadFileAsync("list"))[column]);
    }

    [Fact]
    public async Task Where_something_else_than_a_list_is_wanted_the_remedy_says_so()
    {
        foreach (var (start, kind) in new[] { ("%PDF", "a PDF"), ("<a/>", "XML or a web page") })
        {
            await using var text = new Utf8TextStream(new MemoryStream(Encoding.ASCII.GetBytes(start)), "policy", null, "Save it.", "text is wanted.");
            var error = await Assert.ThrowsAsync<CdfException>(async () => await text.CopyToAsync(Stream.Null, Cancellation));
            Assert.Equal($"'policy' is {kind}: text is wanted.", error.Message);
        }
    }

    [Theory]
    [InlineData("a.CSV", "{,b\n1,2\n")]
    [InlineData("a.csv", "[,b\n1,2\n")]
    [InlineData("a.TSV", "{\tb\n1\t2\n")]
    [InlineData("a.JSON", "[{\"b\":2}]")]
    [InlineData("a.json", "{\"b\":\n2}")]
    [InlineData("a.JSONL", "{\"b\":2}\n")]
    [InlineData("a.ndjson", "{\"b\":2}\n")]
    [InlineData("a.txt", "\n\t [{\"b\":2}]")]
    [InlineData("a.txt", "\r\n {\"b\":2}")]
    public async Task The_name_of_a_file_says_its_form_and_else_its_content(string name, string text)
    {
        await WriteAsync(name, text);
        Assert.Equal("2", Assert.Single(await ReadFileAsync(name))["b"]);
    }

    [Fact]
    public async Task A_file_of_JSON_lines_is_no_array_and_one_of_JSON_no_table()
    {
        await WriteAsync("a.jsonl", "[{\"b\":2}]");
        Assert.Contains("an array, not an object", (await Assert.ThrowsAsync<CdfException>(() => ReadFileAsync("a.jsonl"))).Message, StringComparison.Ordinal);

        await WriteAsync("a.json", "  Name,Site\nx,y\n");
        Assert.Contains("begins with 'N': a list as JSON is an array of objects", (await Assert.ThrowsAsync<CdfException>(() => ReadFileAsync("a.json"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.json", "")]
    [InlineData("a.json", " \n")]
    [InlineData("a.jsonl", "\n \n")]
    [InlineData("a.json", "[]")]
    public async Task A_list_without_devices_has_no_rows(string name, string text)
    {
        await WriteAsync(name, text);
        Assert.Empty(await ReadFileAsync(name));
    }

    [Fact]
    public async Task What_begins_with_very_much_white_space_is_still_found_out()
    {
        await WriteAsync("a", new string(' ', 20_000) + "[{\"b\":2}]");
        Assert.Equal("2", Assert.Single(await ReadFileAsync("a"))["b"]);
    }

    [Fact]
    public async Task A_folder_is_no_file_and_the_file_of_a_missing_folder_is_not_there()
    {
        var folder = await Assert.ThrowsAsync<CdfException>(() => ReadFileAsync(""));
        Assert.Equal(CdfErrorCode.InvalidRequest, folder.Code);
        Assert.Contains("is a folder: name the file", folder.Message, StringComparison.Ordinal);

        Assert.Equal(CdfErrorCode.NotFound, (await Assert.ThrowsAsync<CdfException>(() => ReadFileAsync("none/a.csv"))).Code);
    }

    [Fact]
    public async Task Who_hands_in_another_encoding_by_a_file_learns_of_the_parameter_that_names_it()
    {
        await File.WriteAllBytesAsync(_folder.File("a.csv"), Encoding.Latin1.GetBytes("Ort\nKöln\n"), Cancellation);
        Assert.Contains("-Encoding windows-1252", (await Assert.ThrowsAsync<CdfException>(() => ReadFileAsync("a.csv"))).Message, StringComparison.Ordinal);

        await using var stream = File.OpenRead(_folder.File("a.csv"));
        var error = await Assert.ThrowsAsync<CdfException>(async () => await new DeviceListReader().ReadAsync(stream, "list", null, Cancellation).ToListAsync(Cancellation));
        Assert.EndsWith("Save it as UTF-8.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_is_read_stays_open_for_its_owner()
    {
        using var stream = new MemoryStream("a\n1\n"u8.ToArray());
        var reader = new DeviceListReader();
        Assert.Equal(0, reader.BlankRows);
        await reader.ReadAsync(stream, "list", null, Cancellation).ToListAsync(Cancellation);
        Assert.True(stream.CanRead);
    }

    [Fact]
    public async Task A_text_is_read_once_from_its_beginning()
    {
        await using var text = new Utf8TextStream(new MemoryStream("abc"u8.ToArray()), "list", null, "");
        Assert.Equal((true, false, false), (text.CanRead, text.CanSeek, text.CanWrite));
        var buffer = new byte[4];
        Assert.Equal(2, await text.ReadAsync(buffer.AsMemory(1, 2), Cancellation));
        Assert.Equal("\0ab\0", Encoding.ASCII.GetString(buffer));
        Assert.Equal(1, await text.ReadAsync(buffer, Cancellation));
        Assert.Equal(0, await text.ReadAsync(buffer, Cancellation));
    }

    [Theory]
    [InlineData("utf-16", "ab\ncd\nx\ud800y", "line 3, column 2")]
    [InlineData("utf-16", "ab\ud800", "line 1, column 3")]
    [InlineData("utf-16BE", "\n\ud800", "line 2, column 1")]
    [InlineData("utf-16", "\ud800x", "line 1, column 1")]
    public async Task The_place_of_what_cannot_be_read_is_told_in_other_encodings_too(string name, string text, string place)
    {
        var encoding = Encoding.GetEncoding(name);
        byte[] bytes = [.. encoding.GetPreamble(), .. text.SelectMany(c => name == "utf-16" ? [(byte)c, (byte)(c >> 8)] : new[] { (byte)(c >> 8), (byte)c })];
        var error = await Assert.ThrowsAsync<CdfException>(async () => await new DeviceListReader().ReadAsync(new MemoryStream(bytes), "list", null, Cancellation).ToListAsync(Cancellation));
        Assert.Contains($"'list', {place}: what is there is not {name.ToLowerInvariant()}", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Both_orders_of_the_bytes_of_UTF_32_are_told_by_their_mark()
    {
        foreach (var encoding in new[] { new UTF32Encoding(bigEndian: false, byteOrderMark: true), new UTF32Encoding(bigEndian: true, byteOrderMark: true) })
        {
            byte[] bytes = [.. encoding.GetPreamble(), .. encoding.GetBytes("a;b\n1;Köln\n")];
            var rows = await new DeviceListReader().ReadAsync(new MemoryStream(bytes), "list", null, Cancellation).ToListAsync(Cancellation);
            Assert.Equal("Köln", Assert.Single(rows)["b"]);
        }
    }

    [Fact]
    public async Task A_mark_of_its_own_counts_before_the_encoding_that_was_named()
    {
        byte[] bytes = [.. Encoding.UTF8.GetPreamble(), .. "Ort\nKöln\n"u8];
        var rows = await new DeviceListReader(new() { Encoding = Encoding.Latin1 }).ReadAsync(new MemoryStream(bytes), "list", null, Cancellation).ToListAsync(Cancellation);
        Assert.Equal("Köln", Assert.Single(rows)["Ort"]);
    }

    [Fact]
    public async Task A_long_text_in_another_encoding_comes_whole_however_little_is_taken_at_a_time()
    {
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i} Köln 😀\n"));
        await using var stream = new Utf8TextStream(new MemoryStream([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(text)]), "list", null, "");
        using var read = new MemoryStream();
        var buffer = new byte[1_000];
        while (await stream.ReadAsync(buffer, Cancellation) is > 0 and var length)
            read.Write(buffer, 0, length);
        Assert.Equal(text, Encoding.UTF8.GetString(read.ToArray()));
    }

    private Task WriteAsync(string name, string text) => File.WriteAllTextAsync(_folder.File(name), text, Cancellation);

    private async Task<List<IReadOnlyDictionary<string, string>>> ReadFileAsync(string name) =>
        await new DeviceListReader().ReadFileAsync(_folder.File(name), Cancellation).ToListAsync(Cancellation);
}
