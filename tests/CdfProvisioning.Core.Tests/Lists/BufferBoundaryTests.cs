using System.Text;
using CdfProvisioning.Lists;
using Xunit;

namespace CdfProvisioning.Tests.Lists;

/// <summary>A value is the same wherever it lies in a file: also where it straddles the end of a buffer.</summary>
public sealed class BufferBoundaryTests
{
    /// <summary>What the readers' pipe takes at a time; other buffers are multiples of it.</summary>
    private const int Block = 4096;

    private static readonly Dictionary<string, string> Expected = new()
    {
        ["Nämé"] = "x-1",
        ["n"] = "-12345.6789e10",
        ["t"] = "true",
        ["f"] = "false",
        ["e"] = "tab\there",
        ["p"] = "\U0001F600ä\U0001F4A1",
    };

    private const string Json = """{"Nämé":"x-1","n":-12345.6789e10,"t":true,"f":false,"e":"tab\there","p":"\uD83D\uDE00ä💡","none":null}""";
    private const string Csv = "Nämé,n,t,f,e,p\nx-1,-12345.6789e10,true,false,\"tab\there\",😀ä💡\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("array", 4 * Block)]
    [InlineData("objects", 4 * Block)]
    [InlineData("lines", Block)]
    [InlineData("csv", 16 * Block)]
    [InlineData("tsv", Block)]
    public async Task A_row_is_read_at_every_place_around_the_end_of_a_buffer(string kind, int end)
    {
        var format = kind switch { "lines" => DeviceListFormat.JsonLines, "csv" => DeviceListFormat.Csv, "tsv" => DeviceListFormat.Tsv, _ => DeviceListFormat.Json };
        for (var padding = end - 160; padding <= end; padding++)
        {
            var text = kind switch
            {
                "array" => "[" + new string(' ', padding) + Json + "]",
                "objects" => new string(' ', padding) + Json,
                "lines" => $"{{\"first\":\"{new string('x', padding - 13)}\"}}\n{Json}",
                _ => Padded(padding).Replace(',', kind == "tsv" ? '\t' : ','),
            };
            var rows = await new DeviceListReader().ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), kind, format, Cancellation).ToListAsync(Cancellation);
            Assert.Equal(Expected, rows[^1]);
        }
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    public async Task A_row_is_read_however_its_bytes_arrive(string encoding)
    {
        var bytes = Encoding.GetEncoding(encoding).GetPreamble().Concat(Encoding.GetEncoding(encoding).GetBytes(Csv)).ToArray();
        for (var first = 1; first < bytes.Length; first++)
        {
            await using var stream = new TwoParts(bytes, first);
            var row = Assert.Single(await new DeviceListReader().ReadAsync(stream, "list", DeviceListFormat.Csv, Cancellation).ToListAsync(Cancellation));
            Assert.Equal(Expected, row);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0xFC })]
    [InlineData(new byte[] { 0xE2, 0x82 })]
    [InlineData(new byte[] { 0xF0, 0x9F, 0x98 })]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    public async Task What_is_not_UTF8_is_refused_with_its_place_wherever_it_lies(byte[] wrong)
    {
        for (var padding = Block - 80; padding <= Block; padding++)
        {
            byte[] bytes = [.. Encoding.UTF8.GetBytes("a,b\n" + new string('x', padding) + ",1\nä😀"), .. wrong, .. ",2\n"u8];
            var error = await Assert.ThrowsAsync<CdfException>(async () =>
                await new DeviceListReader().ReadAsync(new MemoryStream(bytes), "list.csv", DeviceListFormat.Csv, Cancellation).ToListAsync(Cancellation));
            Assert.Contains("line 3, column 4", error.Message);
            Assert.Contains("UTF-8", error.Message);
        }
    }

    private static string Padded(int length) => Csv.Insert(Csv.IndexOf('\n', StringComparison.Ordinal) + 1, new string('x', length) + ",,,,,\n");

    private sealed class TwoParts(byte[] bytes, int first) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(Position < first ? buffer[..(int)Math.Min(first - Position, buffer.Length)] : buffer, cancellationToken);
    }
}
