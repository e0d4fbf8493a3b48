using System.Text;
using System.Text.Json;
using CdfProvisioning.Lists;
using CdfProvisioning.Provisioning;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CdfProvisioning.Tests.Lists;

public sealed class DeviceListReaderTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("a.csv", "ThingName,Site\r\nx-1,north\r\nx-2,\"south, \"\"old\"\" town\"\r\n")]
    [InlineData("a.csv", "\uFEFFThingName,Site\nx-1,north\nx-2,\"south, \"\"old\"\" town\"")]
    [InlineData("a.tsv", "ThingName\tSite\nx-1\tnorth\nx-2\t\"south, \"\"old\"\" town\"\n")]
    [InlineData("a.json", """[{"ThingName":"x-1","Site":"north"}, {"ThingName":"x-2","Site":"south, \"old\" town"}]""")]
    [InlineData("a.json", "\uFEFF  [{\"ThingName\":\"x-1\",\"Site\":\"north\"},\n{\"ThingName\":\"x-2\",\"Site\":\"south, \\\"old\\\" town\"}]\n")]
    [InlineData("a.jsonl", "{\"ThingName\":\"x-1\",\"Site\":\"north\"}\n\n  {\"ThingName\":\"x-2\",\"Site\":\"south, \\\"old\\\" town\"}\r\n")]
    [InlineData("list", "{\"ThingName\":\"x-1\",\"Site\":\"north\"}\n{\"ThingName\":\"x-2\",\"Site\":\"south, \\\"old\\\" town\"}")]
    [InlineData("list", "ThingName,Site\nx-1,north\nx-2,\"south, \"\"old\"\" town\"\n")]
    public async Task The_same_list_can_be_written_in_many_ways(string name, string text)
    {
        var rows = await ReadFileAsync(name, text);

        Assert.Equal(2, rows.Count);
        Assert.Equal(new Dictionary<string, string> { ["ThingName"] = "x-1", ["Site"] = "north" }, rows[0]);
        Assert.Equal(new Dictionary<string, string> { ["ThingName"] = "x-2", ["Site"] = "south, \"old\" town" }, rows[1]);
    }

    [Fact]
    public async Task Each_row_of_JSON_has_the_columns_that_it_names_in_whatever_order()
    {
        string[] lines = ["""{"a":"1","b":"2","c":"3"}""", """{"c":"4","a":"5"}""", """{"b":"6","\u0061":"7","ab":"8"}""", """{"a":"9","b":"10","c":"11","d":"12"}""", "{}", """{"d":"13"}"""];

        var rows = await ReadFileAsync("a.jsonl", string.Join('\n', lines));

        Assert.Equal(lines.Select(line => JsonSerializer.Deserialize<Dictionary<string, string>>(line)!), rows.Select(row => row.ToDictionary()));
    }

    [Fact]
    public async Task Numbers_and_booleans_become_their_text_and_null_is_absent()
    {
        var row = Assert.Single(await ReadFileAsync("a.json", """[{"a": 1.50, "b": true, "c": false, "d": null, "e": -1e3}]"""));
        Assert.Equal(new Dictionary<string, string> { ["a"] = "1.50", ["b"] = "true", ["c"] = "false", ["e"] = "-1e3" }, row);
    }

    [Theory]
    [InlineData("a.csv", "ThingName,Site\nx-1,north\nx-2\n", "row 2", "it has 1 cell, and the header 2 cells")]
    [InlineData("a.csv", "ThingName,Site\nx-1,north,more\n", "row 1", "it has 3 cells, and the header 2 cells")]
    [InlineData("a.csv", "ThingName,Site\nx-1,north\nx-2,\"south\n", "row 2", "quote")]
    [InlineData("a.csv", "ThingName,Site\nx-1,\"no\"rth\n", "row 1", "quote")]
    [InlineData("a.csv", "ThingName,ThingName\nx-1,x-1\n", "header", "'ThingName'")]
    [InlineData("a.csv", "ThingName,,Site\nx-1,x,x\n", "header", "column 2")]
    [InlineData("a.csv", "ThingName,thingname\nx-1,x-1\n", "header", "differ by case alone")]
    [InlineData("a.json", "[{\"a\":\"b\",\"a\":null}]", "row 1", "two members 'a'")]
    [InlineData("a.json", "[{\"a\":{},\"a\":1}]", "row 1", "two members 'a'")]
    [InlineData("a.json", "[{\"a\":\"b\"},\n{\"a\":\"\\ud800\"}]", "row 2, line 2", "'a' is not Unicode")]
    [InlineData("a.json", "[{\"\\udc00\":\"b\"}]", "row 1", "name is not Unicode")]
    [InlineData("a.json", "{\"a\":\"b\"}\n{\"a\":", "row 2", "line 2")]
    [InlineData("a.json", "[{\"a\":\"b\"},\n[]]", "row 2", "an array, not an object")]
    [InlineData("a.json", "[{\"a\":\"b\"},\nnull]", "row 2", "null, not an object")]
    [InlineData("a.json", "[{\"a\":\"b\"},\n{\"a\":\"b\"", "row 2", "line 2")]
    [InlineData("a.json", "[{\"a\":\"b\",\"a\":\"c\"}]", "row 1", "two members 'a'")]
    [InlineData("a.jsonl", "{\"a\":\"b\"}\n\n{\"a\":\n", "row 2", "line 3")]
    [InlineData("a.jsonl", "{\"a\":\"b\"} {\"a\":\"b\"}\n", "row 1", "line 1")]
    [InlineData("a.jsonl", "{\"a\":\"b\"}\n42\n", "row 2", "a number, not an object")]
    public async Task What_is_wrong_with_a_list_is_said_with_its_place(string name, string text, string place, string what)
    {
        var error = await Assert.ThrowsAsync<CdfException>(() => ReadFileAsync(name, text));
        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.Contains(name, error.Message);
        Assert.Contains(place, error.Message);
        Assert.Contains(what, error.Message);
    }

    [Fact]
    public async Task What_is_nested_is_noted_and_not_refused_before_something_uses_it()
    {
        var row = Assert.IsType<GivenParameters>(Assert.Single(await ReadFileAsync("a.json", """[{"a": {"b": [1]}, "c": [{}], "d": "x", "e": null}]""")));
        Assert.Equal(new Dictionary<string, string> { ["d"] = "x" }, row);
        Assert.Equal([new("a", "an object"), new("c", "an array")], row.Unusable);
        Assert.Equal(["e"], row.WithoutValue);
        var again = JsonSerializer.Deserialize<IReadOnlyDictionary<string, string>>(JsonSerializer.Serialize<IReadOnlyDictionary<string, string>>(row, ParametersJson.KeepingAll), ParametersJson.Options);
        Assert.Equal(row.Unusable, Assert.IsType<GivenParameters>(again).Unusable);
        Assert.Equal("""{"d":"x"}""", JsonSerializer.Serialize<IReadOnlyDictionary<string, string>>(row, ParametersJson.Options));
    }

    [Fact]
    public async Task A_line_may_have_256000_characters_and_no_more()
    {
        var most = $"{{\"a\":\"{new string('ä', 256_000 - 8)}\"}}";
        Assert.Single(await ReadFileAsync("a.jsonl", most + "\n"));

        var error = await Assert.ThrowsAsync<CdfException>(() => ReadFileAsync("a.jsonl", "{}\n " + most));
        Assert.Contains("line 2", error.Message);
    }

    [Theory]
    [InlineData("endless.csv", "ThingName\n\"x")]
    [InlineData("endless.jsonl", "{\"ThingName\":\"x")]
    public async Task An_endless_value_is_refused_before_it_fills_the_memory(string name, string start)
    {
        await using var endless = new EndlessStream(Encoding.UTF8.GetBytes(start), 'x');
        var error = await Assert.ThrowsAsync<CdfException>(() => ReadAsync(endless, name, name.EndsWith("csv", StringComparison.Ordinal) ? DeviceListFormat.Csv : null));
        Assert.Equal(CdfErrorCode.InvalidRequest, error.Code);
        Assert.InRange(endless.Given, 0, 16_000_000);
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        var error = await Assert.ThrowsAsync<CdfException>(async () => await new DeviceListReader().ReadFileAsync("no-such-list.csv", Cancellation).ToListAsync(Cancellation));
        Assert.Equal(CdfErrorCode.NotFound, error.Code);
        Assert.Contains("no-such-list.csv", error.Message);
    }

    [Fact]
    public void Any_rows_survive_being_written_as_JSON_lines() => Prop.ForAll(
        ArbMap.Default.ArbFor<Dictionary<NonNull<string>, string?>[]>(),
        rows =>
        {
            var written = rows.Select(row => row.ToDictionary(p => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(p.Key.Get)), p => p.Value ?? "")).ToList();
            var text = string.Concat(written.Select(row => JsonSerializer.Serialize(row) + "\n"));
            var read = ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), "list", DeviceListFormat.JsonLines).GetAwaiter().GetResult();
            return JsonSerializer.Serialize(read) == JsonSerializer.Serialize(written);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_text_is_read_or_refused() => Prop.ForAll(
        ArbMap.Default.ArbFor<(string?, int)>(),
        input =>
        {
            var format = (DeviceListFormat?)(input.Item2 % 4) is { } f && f >= 0 ? f : (DeviceListFormat?)null;
            try
            {
                _ = ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(input.Item1 ?? "")), "list", format).GetAwaiter().GetResult();
            }
            catch (CdfException e)
            {
                Assert.StartsWith("'list'", e.Message);
            }
        }).QuickCheckThrowOnFailure();

    private static async Task<List<IReadOnlyDictionary<string, string>>> ReadFileAsync(string name, string text)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File(name), text, Cancellation);
        return await new DeviceListReader().ReadFileAsync(folder.File(name), Cancellation).ToListAsync(Cancellation);
    }

    private static async Task<List<IReadOnlyDictionary<string, string>>> ReadAsync(Stream stream, string name, DeviceListFormat? format) =>
        await new DeviceListReader().ReadAsync(stream, name, format, Cancellation).ToListAsync(Cancellation);
}
