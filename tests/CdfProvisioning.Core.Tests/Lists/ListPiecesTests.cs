using System.Text;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using Xunit;

namespace CdfProvisioning.Tests.Lists;

/// <summary>Lists whose bytes come in small pieces, as from a network: what is read and what is said of it is the same.</summary>
public sealed class ListPiecesTests
{
    /// <summary>More than is looked at to find out the encoding.</summary>
    private const int Beginning = 600;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public async Task Characters_may_be_cut_anywhere(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        var text = new string('x', Beginning) + "\nKöln \u0900 € 😀\n\n€ü";
        foreach (var size in new[] { 1, 2, 3, 5 })
        {
            await using var stream = new Utf8TextStream(new Pieces([.. encoding.GetPreamble(), .. encoding.GetBytes(text)], size), "list", null, "");
            using var reader = new StreamReader(stream);
            Assert.Equal(text, await reader.ReadToEndAsync(Cancellation));
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x80 }, "line 2, column 5: what is there (byte 80) is not UTF-8")]
    [InlineData(new byte[] { 0xC3, (byte)'x' }, "line 2, column 5: what is there (byte C3) is not UTF-8")]
    [InlineData(new byte[] { 0xC3 }, "line 2, column 5: what is there (byte C3) is not UTF-8")]
    [InlineData(new byte[] { (byte)'\n', 0xE2, 0x82 }, "line 3, column 1: what is there (byte E2) is not UTF-8")]
    public async Task The_place_of_what_is_no_text_is_told_however_it_comes(byte[] wrong, string what)
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(new string('x', Beginning) + "\nä😀é"), .. wrong];
        foreach (var size in new[] { 1, 2, 3, 2_000 })
        {
            await using var stream = new Utf8TextStream(new Pieces(bytes, size), "list", null, "");
            var error = await Assert.ThrowsAsync<CdfException>(async () => await stream.CopyToAsync(Stream.Null, Cancellation));
            Assert.StartsWith($"'list', {what}", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_table_whose_header_comes_in_pieces_has_the_separator_of_the_whole()
    {
        var column = new string('a', 5_000);
        Assert.Equal("2", (await ReadAsync($"{column};b\n1;2\n"))["b"]);
        Assert.Equal("2", (await ReadAsync($"\"{column}\n,,\";b;c\n1;2;3\n"))["b"]);
    }

    [Fact]
    public async Task The_header_ends_with_its_line_in_whatever_way_lines_end()
    {
        foreach (var end in new[] { "\n", "\r\n", "\r" })
            Assert.Equal("1;;;;", (await ReadAsync($"a,b{end}1;;;;,2{end}"))["a"]);
    }

    [Theory]
    [InlineData(256_001, 4096)]
    [InlineData(256_001, 100_000_000)]
    [InlineData(900_000, 4096)]
    [InlineData(900_000, 100_000_000)]
    public async Task A_line_of_JSON_that_is_too_long_is_a_row_that_fails_where_the_others_go_on_however_it_arrives(int length, int piece)
    {
        var text = $"{{\"a\":\"{new string('x', length - 8)}\"}}\n{{\"a\":1}}\n";
        var rows = await new DeviceListReader(new() { KeepsMalformedLines = true })
            .ReadAsync(new Pieces(Encoding.UTF8.GetBytes(text), piece), "list", DeviceListFormat.JsonLines, Cancellation).ToListAsync(Cancellation);
        Assert.Contains("line 1: the line is longer than 256,000 characters", GivenParameters.ProblemOf(rows[0]), StringComparison.Ordinal);
        Assert.Equal("1", rows[1]["a"]);
    }

    [Fact]
    public async Task A_table_of_tabs_has_tabs_whatever_else_is_in_its_header_unless_another_separator_is_named()
    {
        Assert.Equal("2", (await ReadAsync("a,b,c\td\n1\t2\n", DeviceListFormat.Tsv))["d"]);
        Assert.Equal("2", (await ReadAsync("a;d\n1;2\n", DeviceListFormat.Tsv, new() { Delimiter = ';' }))["d"]);
    }

    private static async Task<IReadOnlyDictionary<string, string>> ReadAsync(string text, DeviceListFormat format = DeviceListFormat.Csv, DeviceListOptions? options = null) =>
        Assert.Single(await new DeviceListReader(options).ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), "list", format, Cancellation).ToListAsync(Cancellation));

    private sealed class Pieces(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
